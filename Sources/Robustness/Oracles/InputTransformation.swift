public import Tensors

/// A differentiable change of the input between the threat and the model, which attacks put there to find gradients
/// that hold for more than one input.
public protocol InputTransformation: Sendable {
  /// The input that the model sees, of the same shape.
  func apply(_ input: Tensor<Float>) -> Tensor<Float>

  /// The gradient with respect to `input`, from the gradient with respect to `apply(input)`.
  func pullback(_ gradient: Tensor<Float>, at input: Tensor<Float>) -> Tensor<Float>
}
