public import Graphs

extension Graph {
  /// The parameters with one axis at most: biases, and the scales and shifts of normalisations.
  ///
  /// Weight decay commonly leaves them out (`Descent`): they do not make a network's function steeper in the way that weights
  /// do, and a normalisation's scale undoes the decay of its weights.
  public var vectorNames: Set<String> {
    Set(parameters.filter { self[$0.value].extents.rank <= 1 }.map(\.name))
  }
}
