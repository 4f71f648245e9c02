public import Graphs
public import Tensors

/// How weights begin so that intervals neither grow nor shrink from layer to layer: normal numbers of the standard deviation
/// sqrt(2 pi) / fan-in.
///
/// Shi et al., "Fast certified robust training with short warmup", 2021, https://arxiv.org/abs/2103.17268. The last layer
/// keeps its usual start there.
public enum IntervalInitialization {
  /// The standard deviation of a weight of outputs x inputs (x kernel height x kernel width).
  public static func deviation(of weight: Shape) -> Double {
    (2 * Double.pi).squareRoot() / Double(max(weight.droppingFirst.count, 1))
  }

  /// Draws a weight of outputs x inputs (x kernel height x kernel width).
  public static func draw(_ weight: Shape, from key: RandomKey) -> Tensor<Float> {
    var generator = key.generator
    return Float(deviation(of: weight)) * generator.normals(weight)
  }

  /// Draws all weights of convolutions and linear layers of a graph but the last, each from the key's child of its name.
  ///
  /// - Parameters:
  ///   - graph: A network's graph.
  ///   - key: Names the numbers that are drawn.
  /// - Returns: A tensor for each of these parameters.
  public static func weights(of graph: Graph, from key: RandomKey) -> [String: Tensor<Float>] {
    var weights: [(name: String, shape: Shape)] = []
    for case .operation(let op, let operands, _) in graph.nodes {
      let isLinear = (op as? MatrixMultiply).map { $0.transposesRight && !$0.transposesLeft }
      guard op is Convolution || isLinear == true,
        case .parameter(let name, let shape) = graph[operands[1]]
      else { continue }
      if !weights.contains(where: { $0.name == name }) { weights.append((name, shape)) }
    }
    return Dictionary(
      uniqueKeysWithValues: weights.dropLast().map {
        ($0.name, draw($0.shape, from: key.child($0.name)))
      })
  }
}
