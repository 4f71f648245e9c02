import ONNXMessages

/// The nodes of a file's graph, with the bodies of its functions instead of their calls.
struct ONNXNodes {
  private let file: String
  private let nodes: [ONNXNode]
  /// Which node defines a value.
  private var producers: [String: Int] = [:]
  /// Which nodes take a value, in the order of the file.
  private var users: [String: [Int]] = [:]

  /// Writes functions out.
  ///
  /// - Throws: `ONNXError` if a value is defined twice, or a function cannot be written out.
  init(_ model: Onnx_ModelProto, opset: Int, file: String) throws(ONNXError) {
    self.file = file
    if model.functions.isEmpty {
      nodes = model.graph.node.map { ONNXNode($0, opset: opset) }
    } else {
      var functions = ONNXFunctions(model, opset: opset, file: file)
      nodes = try functions.writtenOut(model.graph.node)
    }
    let given = Set(
      model.graph.initializer.map(\.name) + model.graph.sparseInitializer.map(\.values.name)
        + model.graph.input.map(\.name))
    for (index, node) in nodes.enumerated() {
      for input in Set(node.inputs) { users[input, default: []].append(index) }
      if let output = node.outputs.first(where: { given.contains($0) && !$0.isEmpty }) {
        throw ONNXError(
          file: file, place: node.place,
          problem: "\(output.quoted) is an input or an initializer of the file as well")
      }
      for output in node.outputs where !output.isEmpty {
        guard producers.updateValue(index, forKey: output) == nil else {
          throw ONNXError(
            file: file, place: node.place,
            problem: "another node defines \(output.quoted) as well")
        }
      }
    }
  }

  subscript(index: Int) -> ONNXNode { nodes[index] }

  /// The nodes that take a value, in the order of the file.
  func consumers(of name: String) -> [ONNXNode] { (users[name] ?? []).map { nodes[$0] } }

  /// The nodes that outputs depend on, each after those that it depends on, and else in the order of the file.
  ///
  /// - Throws: `ONNXError` if a node depends on itself.
  func needed(for names: [String]) throws(ONNXError) -> [Int] {
    var needed: Set<Int> = []
    var open = names.compactMap { producers[$0] }
    while let index = open.popLast() {
      guard needed.insert(index).inserted else { continue }
      open += nodes[index].inputs.compactMap { producers[$0] }
    }
    var order: [Int] = []
    var states = [State](repeating: .untouched, count: nodes.count)
    // Without recursion, since a chain may be as long as the file.
    for start in needed.sorted() where states[start] == .untouched {
      var path: [(node: Int, input: Int)] = [(start, 0)]
      states[start] = .open
      while let (index, input) = path.last {
        guard input < nodes[index].inputs.count else {
          path.removeLast()
          states[index] = .done
          order.append(index)
          continue
        }
        path[path.count - 1].input += 1
        guard let source = producers[nodes[index].inputs[input]] else { continue }
        switch states[source] {
        case .done: continue
        case .untouched:
          states[source] = .open
          path.append((source, 0))
        case .open:
          throw ONNXError(
            file: file, place: nodes[index].place,
            problem: "its input \(nodes[index].inputs[input].quoted) depends on its own result;"
              + " expected nodes that form no circle")
        }
      }
    }
    return order
  }

  private enum State {
    case untouched
    case open
    case done
  }
}
