public import Graphs
import Tensors

/// Layer normalisation over the channels of every position, with one scale and shift per channel.
///
/// Its parameters are `weight` and `bias`, which begin as 1 and 0. Ba, Kiros and Hinton, 2016,
/// https://arxiv.org/abs/1607.06450.
public struct LayerNorm: Layer {
  private let epsilon: Float

  /// Creates a normalisation; epsilon is added to the variance.
  public init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  /// Adds the layer to a graph.
  public func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value {
    let extents = context.graph.extents(of: x)
    guard extents.rank >= 2 else {
      throw .operands(
        operator: "layer normalisation", expected: "N x C x ...", found: [extents])
    }
    let scale = context.parameter(name + ".weight", [extents[1]], .constant(1))
    let shift = context.parameter(name + ".bias", [extents[1]], .constant(0))
    return try context.graph.layerNorm(x, scale: scale, shift: shift, epsilon: epsilon)
  }
}
