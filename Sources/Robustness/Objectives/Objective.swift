public import Tensors

/// A number to be maximised, computed from the outputs of one example, with its derivative.
///
/// Batches are never reduced: every row has its own objective.
public protocol Objective: Sendable {
  /// The value and its derivative with respect to each output.
  ///
  /// - Parameters:
  ///   - outputs: The outputs of one example.
  ///   - cotangent: Room for one number per output; `nil` if only the value is wanted. It is exact
  ///     up to a positive factor that is 1 unless the largest magnitude would leave 2^-64...2^64;
  ///     then it is moved there, so that the direction survives in single precision. Zero where the
  ///     value is NaN.
  /// - Returns: The value, in double precision; NaN if an output is.
  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double
}

extension Objective {
  /// The value alone.
  public func value(of outputs: Tensor<Float>) -> Double {
    outputs.withUnsafeScalars { value(of: $0, cotangent: nil) }
  }
}
