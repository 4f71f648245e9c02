public import Tensors

/// The input that an attack leaves for training: inside the threat, not verified to be anything
/// else.
public struct WorstInput: Sendable, Hashable {
  /// The position of the example in its data set.
  public let index: Int

  /// The perturbed input x'; the example itself if the attack failed.
  public let input: Tensor<Float>

  /// The passes spent.
  public let passes: Passes

  /// Why the attack did not finish; `nil` if it did.
  public let failure: Failure?
}
