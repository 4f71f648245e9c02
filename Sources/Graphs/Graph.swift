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

/// Why a network cannot be written as a graph.
public enum GraphError: Error, Equatable, CustomStringConvertible {
  /// An operator was given operands that it is not defined for.
  case operands(operator: String, expected: String, found: [Extents])
  /// A graph has no input, parameter or output of this name.
  case unknownName(String, kind: String, known: [String])
  /// A graph would have two inputs or parameters, or two outputs, of this name.
  case duplicateName(String, kind: String)
  /// A tensor bound to an input or parameter has another shape than the graph says.
  case shape(name: String, expected: Extents, found: String)

  /// One line that says what was expected and what was found.
  public var description: String {
    switch self {
    case .operands(let name, let expected, let found):
      "\(name) expects \(expected), found \(found.map(\.description).joined(separator: ", "))"
    case .unknownName(let name, let kind, let known):
      "no \(kind) is named \"\(name)\"; known: \(known.joined(separator: ", "))"
    case .duplicateName(let name, let kind):
      "there is already an \(kind) named \"\(name)\""
    case .shape(let name, let expected, let found):
      "\"\(name)\" has shape \(expected), found \(found)"
    }
  }
}
