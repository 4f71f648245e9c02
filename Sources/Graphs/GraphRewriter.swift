/// Copies a graph node by node, so that a pass states only what it changes.
package struct GraphRewriter {
  package let source: Graph
  package private(set) var nodes: [Node] = []
  private var images: [Value?]

  package init(_ source: Graph) {
    self.source = source
    images = [Value?](repeating: nil, count: source.nodes.count)
  }

  /// The rewritten form of a value of the source.
  package func image(of value: Value) -> Value {
    guard let image = images[value.index] else {
      preconditionFailure("value \(value.index) is used before it is rewritten")
    }
    return image
  }

  /// Copies a node, its operands replaced by their images.
  package mutating func copy(_ value: Value) {
    switch source[value] {
    case .operation(let op, let operands, let extents):
      replace(value, by: op, operands.map { image(of: $0) }, extents: extents)
    case let node:
      replace(value, by: node)
    }
  }

  /// Defines a value of the source anew, by an operator on values of the result.
  package mutating func replace(
    _ value: Value, by op: any Operator, _ operands: [Value], extents: Extents
  ) {
    replace(value, by: .operation(op, operands: operands, extents: extents))
  }

  /// Defines a value of the source anew.
  package mutating func replace(_ value: Value, by node: Node) {
    nodes.append(node)
    images[value.index] = Value(index: nodes.count - 1)
  }

  /// Lets a value of the source be another value of the result.
  package mutating func alias(_ value: Value, to image: Value) { images[value.index] = image }

  /// The rewritten graph.
  package func finish() -> Graph {
    Graph(nodes: nodes, outputs: source.outputs.map { ($0.name, image(of: $0.value)) })
  }
}
