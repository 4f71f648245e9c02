public import Graphs
import Tensors

/// Batch normalisation, one scale and shift per channel.
///
/// Its parameters are `weight` and `bias`, which begin as 1 and 0, and the statistics `running_mean` and
/// `running_var`, which are not trained but follow the batches seen in training
/// (`Graph.normalizingBatches`). Ioffe and Szegedy, 2015, https://arxiv.org/abs/1502.03167.
public struct BatchNorm: Layer {
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
        operator: "batch normalisation", expected: "N x C x ...", found: [extents])
    }
    let shape: Shape = [extents[1]]
    let scale = context.parameter(name + ".weight", shape, .constant(1))
    let shift = context.parameter(name + ".bias", shape, .constant(0))
    let mean = context.parameter(name + ".running_mean", shape, .constant(0))
    let variance = context.parameter(name + ".running_var", shape, .constant(1))
    return try context.graph.batchNorm(
      x, scale: scale, shift: shift, mean: mean, variance: variance, epsilon: epsilon)
  }
}
