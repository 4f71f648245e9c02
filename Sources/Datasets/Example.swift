public import Tensors

/// One labelled input, with the index that it has in its whole data set.
public struct Example: Hashable, Sendable {
  /// The index in the data set as it was loaded, whichever part of it the example was taken from.
  ///
  /// Randomness is keyed by it, so that an example meets the same numbers alone and in a crowd.
  public let index: Int

  /// The input, without a batch axis; the values lie within the bounds of the data set.
  public let input: Tensor<Float>

  /// The number of the class, from 0.
  public let label: Int

  /// Creates an example from its parts.
  public init(index: Int, input: Tensor<Float>, label: Int) {
    self.index = index
    self.input = input
    self.label = label
  }
}
