public import Tensors

/// One input with its target, and the index that it has in its whole data set.
public struct Example: Hashable, Sendable {
  /// The index in the data set as it was loaded, whichever part of it the example was taken from.
  ///
  /// Randomness is keyed by it, so that an example meets the same numbers alone and in a crowd.
  public let index: Int

  /// The input, without a batch axis; the values lie within the bounds of the data set.
  public let input: Tensor<Float>

  /// What it is known to be.
  public let target: Target

  /// The number of the class, from 0.
  ///
  /// - Precondition: The target is a class, as in all data sets whose `targetKind` is `.classes`.
  public var label: Int {
    guard let label = target.label else { preconditionFailure("an example without a class") }
    return label
  }

  /// Creates an example from its parts.
  public init(index: Int, input: Tensor<Float>, target: Target) {
    self.index = index
    self.input = input
    self.target = target
  }

  /// Creates an example of a class.
  public init(index: Int, input: Tensor<Float>, label: Int) {
    self.init(index: index, input: input, target: .label(label))
  }
}
