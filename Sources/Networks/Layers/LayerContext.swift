public import Graphs
public import Tensors

/// A graph under construction together with how its parameters begin.
public struct LayerContext: Sendable {
  /// The graph.
  public var graph = GraphBuilder()
  private var declared: [(name: String, shape: Shape, start: Initialization)] = []

  /// Creates the context of an empty graph.
  public init() {}

  /// Declares a parameter.
  ///
  /// - Parameters:
  ///   - name: Its name in files, such as `layer1.0.conv1.weight`.
  ///   - shape: Its shape.
  ///   - start: Its values before training.
  /// - Returns: Its value in the graph.
  public mutating func parameter(
    _ name: String, _ shape: Shape, _ start: Initialization
  ) -> Value {
    declared.append((name, shape, start))
    return graph.parameter(name, shape)
  }

  /// The first values of all parameters, each drawn from a key of its own name.
  func drawParameters(_ key: RandomKey) -> [String: Tensor<Float>] {
    var parameters: [String: Tensor<Float>] = [:]
    for (name, shape, start) in declared {
      parameters[name] = start.draw(shape, from: key.child(name))
    }
    return parameters
  }
}
