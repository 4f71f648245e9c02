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

  /// Writes the nodes of another graph behind given values, as a function is called.
  ///
  /// Parameters that are here already, by their names, are shared; so a network can be applied several times with one set
  /// of parameters, and the gradient with respect to it is the sum over its uses.
  ///
  /// - Parameters:
  ///   - graph: The graph; the names of its outputs are not declared here.
  ///   - inputs: A value for each of its inputs.
  ///   - prefix: What the names of its parameters begin with here, to tell those of several networks apart.
  /// - Returns: The values of its outputs by name.
  /// - Throws: `GraphError.unknownName` for an input without a value, `GraphError.shape` for a value or a parameter of
  ///   other extents.
  public mutating func apply(
    _ graph: Graph, to inputs: [String: Value], prefix: String = ""
  ) throws(GraphError) -> [String: Value] {
    var shared = Dictionary(
      finish().parameters.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    var images: [Value] = []
    for node in graph.nodes {
      switch node {
      case .input(let name, let extents):
        guard let value = inputs[name] else {
          throw .unknownName(name, kind: "input", known: inputs.keys.sorted())
        }
        try check(value, named: name, has: extents)
        images.append(value)
      case .parameter(let name, let shape):
        let value = shared[prefix + name] ?? parameter(prefix + name, shape)
        try check(value, named: prefix + name, has: Extents(shape))
        shared[prefix + name] = value
        images.append(value)
      case .constant: images.append(append(node))
      case .operation(let op, let operands, let extents):
        images.append(
          append(.operation(op, operands: operands.map { images[$0.index] }, extents: extents)))
      }
    }
    return Dictionary(
      graph.outputs.map { ($0.name, images[$0.value.index]) }, uniquingKeysWith: { $1 })
  }

  private func check(
    _ value: Value, named name: String, has expected: Extents
  ) throws(GraphError) {
    let found = extents(of: value)
    if found != expected { throw .shape(name: name, expected: expected, found: "\(found)") }
  }

  private mutating func append(_ node: Node) -> Value {
    nodes.append(node)
    return Value(index: nodes.count - 1)
  }
}
