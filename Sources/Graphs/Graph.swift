/// A network as a value: nodes in an order in which each uses only earlier ones, and named outputs.
public struct Graph: Sendable {
  /// The definitions; `Value.index` counts them.
  public let nodes: [Node]
  /// The values a run computes, by name, in the order they were declared.
  public let outputs: [(name: String, value: Value)]

  package init(nodes: [Node], outputs: [(name: String, value: Value)]) {
    self.nodes = nodes
    self.outputs = outputs
  }

  /// The definition of a value.
  public subscript(value: Value) -> Node { nodes[value.index] }

  /// The inputs by name, in the order of their nodes.
  public var inputs: [(name: String, value: Value)] {
    nodes.enumerated().compactMap { index, node in
      if case .input(let name, _) = node { (name, Value(index: index)) } else { nil }
    }
  }

  /// The parameters by name, in the order of their nodes.
  public var parameters: [(name: String, value: Value)] {
    nodes.enumerated().compactMap { index, node in
      if case .parameter(let name, _) = node { (name, Value(index: index)) } else { nil }
    }
  }

  /// The value of an output.
  ///
  /// - Throws: `GraphError.unknownName`.
  public func output(_ name: String) throws(GraphError) -> Value {
    guard let output = outputs.first(where: { $0.name == name }) else {
      throw .unknownName(name, kind: "output", known: outputs.map(\.name))
    }
    return output.value
  }

  /// The same outputs without nodes that none of them needs.
  public func pruned() -> Graph {
    var needed = [Bool](repeating: false, count: nodes.count)
    for output in outputs { needed[output.value.index] = true }
    for index in nodes.indices.reversed() where needed[index] {
      for operand in nodes[index].operands { needed[operand.index] = true }
    }
    var rewriter = GraphRewriter(self)
    for index in nodes.indices where needed[index] { rewriter.copy(Value(index: index)) }
    return rewriter.finish()
  }

  /// The same graph with only the named outputs, pruned.
  ///
  /// - Throws: `GraphError.unknownName`.
  public func selecting(outputs names: [String]) throws(GraphError) -> Graph {
    var selected: [(name: String, value: Value)] = []
    for name in names { selected.append((name, try output(name))) }
    return Graph(nodes: nodes, outputs: selected).pruned()
  }

  /// How often each value is used, by operators and as an output.
  public var useCounts: [Int] {
    var counts = [Int](repeating: 0, count: nodes.count)
    for node in nodes { for operand in node.operands { counts[operand.index] += 1 } }
    for output in outputs { counts[output.value.index] += 1 }
    return counts
  }
}
