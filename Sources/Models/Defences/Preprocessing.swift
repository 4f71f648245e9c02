public import Tensors

/// What a defence does to an input before the network sees it; the shape stays.
public protocol Preprocessing: Sendable {
  /// The input that the network sees.
  ///
  /// - Parameters:
  ///   - x: The input.
  ///   - randomness: Where random choices come from; a rule without them leaves it alone.
  /// - Returns: An input of the same shape.
  func apply(_ x: Tensor<Float>, using randomness: inout Philox) -> Tensor<Float>

  /// The gradient with respect to the input, from the gradient with respect to what the network sees.
  ///
  /// - Parameters:
  ///   - gradient: The gradient with respect to `apply(x, using:)`.
  ///   - x: The input.
  ///   - randomness: In the state in which `apply` got it, so that the same choices are made.
  /// - Returns: The derivative as it is, which may be zero everywhere.
  func pullback(
    _ gradient: Tensor<Float>, at x: Tensor<Float>, using randomness: inout Philox
  ) -> Tensor<Float>
}
