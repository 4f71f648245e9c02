public import Models
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

extension BatchedModel {
  /// The outputs of some examples, and the gradient of an objective for each of them.
  ///
  /// - Parameters:
  ///   - inputs: n x `inputShape`.
  ///   - objectives: One for each example, of its outputs.
  ///   - batch: The most examples in one call of the model, at least 1.
  /// - Returns: n x `outputCount`, and a gradient for each example in the shape of `inputs`, exact up to the positive
  ///   factor that `Objective` allows.
  /// - Throws: What the model throws, at the first batch that fails; `CancellationError` between batches.
  public func gradients(
    at inputs: Tensor<Float>, of objectives: [any Objective], batch: Int = 128
  ) async throws -> (outputs: Tensor<Float>, gradients: Tensor<Float>) {
    try await gradients(at: inputs, batch: batch) { rows, outputs in
      let width = outputs.shape[1]
      return outputs.withUnsafeScalars { outputs in
        Tensor(shape: [rows.count, width]) { cotangents in
          cotangents.initialize(repeating: 0)
          for (place, objective) in objectives[rows].enumerated() {
            let range = place * width..<(place + 1) * width
            _ = objective.value(
              of: UnsafeBufferPointer(rebasing: outputs[range]),
              cotangent: UnsafeMutableBufferPointer(rebasing: cotangents[range]))
          }
        }
      }
    }
  }
}

/// Keeps derivatives within the range of single precision.
enum Scaling {
  /// The factor that brings a magnitude into 2^-64...2^64; a power of two, 1 if it is there
  /// already.
  static func factor(for magnitude: Double) -> Double {
    guard magnitude > 0, magnitude.isFinite else { return 1 }
    if magnitude < 0x1p-64 {
      return Double(sign: .plus, exponent: -64, significand: 1) / power(magnitude)
    }
    if magnitude > 0x1p64 {
      return Double(sign: .plus, exponent: 64, significand: 1) / power(magnitude)
    }
    return 1
  }

  private static func power(_ magnitude: Double) -> Double {
    Double(sign: .plus, exponent: max(magnitude.exponent, -1000), significand: 1)
  }
}
