public import Tensors

/// Writes a graph node by node.
public struct GraphBuilder: Sendable {
  /// The nodes written so far.
  public private(set) var nodes: [Node]
  private var outputs: [(name: String, value: Value)]

  /// Creates an empty graph.
  public init() {
    nodes = []
    outputs = []
  }

  /// Continues a graph; its values keep their meaning.
  public init(continuing graph: Graph) {
    nodes = graph.nodes
    outputs = graph.outputs
  }

  /// The finished graph.
  public func finish() -> Graph { Graph(nodes: nodes, outputs: outputs) }

  /// The extents of a value.
  public func extents(of value: Value) -> Extents { nodes[value.index].extents }

  /// Declares an input that is bound at each run.
  public mutating func input(_ name: String, _ extents: Extents) -> Value {
    append(.input(name: name, extents: extents))
  }

  /// Declares a parameter.
  public mutating func parameter(_ name: String, _ shape: Shape) -> Value {
    append(.parameter(name: name, shape: shape))
  }

  /// Adds a known tensor.
  public mutating func constant(_ tensor: Tensor<Float>) -> Value { append(.constant(tensor)) }

  /// Names a value that a run computes.
  public mutating func output(_ name: String, _ value: Value) { outputs.append((name, value)) }

  /// Applies an operator.
  ///
  /// - Throws: `GraphError.operands` if the operator is not defined for the operands.
  public mutating func apply(
    _ op: some Operator, _ operands: Value...
  ) throws(GraphError) -> Value {
    try apply(op, to: operands)
  }

  /// Applies an operator to any number of operands.
  ///
  /// - Throws: `GraphError.operands` if the operator is not defined for the operands.
  public mutating func apply(
    _ op: some Operator, to operands: [Value]
  ) throws(GraphError) -> Value {
    let extents = try op.extents(of: operands.map { self.extents(of: $0) })
    return append(.operation(op, operands: operands, extents: extents))
  }

  private mutating func append(_ node: Node) -> Value {
    nodes.append(node)
    return Value(index: nodes.count - 1)
  }
}
