public import Graphs
public import Tensors

/// A part of a network: it adds nodes to a graph and declares its parameters.
public protocol Layer: Sendable {
  /// Adds the layer to a graph.
  ///
  /// - Throws: `GraphError.operands` if the layer does not fit its input.
  func apply(
    to x: Value, named name: String, in context: inout LayerContext
  ) throws(GraphError) -> Value
}

/// A graph under construction together with its parameters' first values.
public struct LayerContext: Sendable {
  /// The graph.
  public var graph: GraphBuilder
  /// The parameters so far.
  public private(set) var parameters: [String: Tensor<Float>] = [:]
  private let key: RandomKey

  /// Creates the context of an empty graph whose parameters are drawn from a key.
  public init(key: RandomKey) {
    graph = GraphBuilder()
    self.key = key
  }

  /// Declares a parameter drawn uniformly from [-bound, bound].
  public mutating func parameter(_ name: String, _ shape: Shape, bound: Float) -> Value {
    var generator = key.child(name).generator
    parameters[name] = generator.uniforms(shape).map { (2 * $0 - 1) * bound }
    return graph.parameter(name, shape)
  }
}

/// A list of layers written one below the other.
@resultBuilder
public enum LayerBuilder {
  /// The layers of a list.
  public static func buildBlock(_ layers: any Layer...) -> [any Layer] { layers }
}
