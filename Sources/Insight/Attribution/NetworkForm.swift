import Engine
import Graphs
import Networks
import Tensors

/// A network's graph as attributions look into it: normalisations folded into the layers before them, where they can
/// be.
struct NetworkForm: Sendable {
  /// From `x` to the outputs alone.
  let graph: Graph
  /// A tensor for each of its parameters.
  let parameters: [String: Tensor<Float>]
  /// The input.
  let x: Value
  /// The outputs, N x K.
  let logits: Value
  /// The convolutions in the order of the graph, by the names of their weights.
  let convolutions: [(value: Int, name: String)]

  /// The input that tells the class of each row: 1 in its column; of a single output its sign.
  static let classes = "attribution.class"
  /// The outputs of features and of the score's slopes with respect to them.
  static let (features, slopes) = ("attribution.features", "attribution.slopes")

  /// Looks into a network.
  ///
  /// - Throws: `GraphError` if the network's graph has no output of scores.
  init(_ network: Network) throws(GraphError) {
    let whole = try network.graph.selecting(outputs: [Network.outputName])
    (graph, parameters) = whole.foldingNormalization(network.parameters)
    guard let x = graph.inputs.first(where: { $0.name == Network.inputName })?.value else {
      throw .unknownName(Network.inputName, kind: "input", known: graph.inputs.map(\.name))
    }
    self.x = x
    logits = try graph.output(Network.outputName)
    // Folding gives weights other names, but leaves the layers in their order.
    let names = NetworkForm.convolutions(of: whole).enumerated().map { place, value -> String in
      guard case .parameter(let name, _) = whole[whole[Value(index: value)].operands[1]] else {
        return "convolution \(place + 1)"
      }
      return name.hasSuffix(".weight") ? String(name.dropLast(7)) : name
    }
    let values = NetworkForm.convolutions(of: graph)
    convolutions = values.enumerated().map { place, value in
      (value, values.count == names.count ? names[place] : "convolution \(place + 1)")
    }
  }

  private static func convolutions(of graph: Graph) -> [Int] {
    graph.nodes.indices.filter { index in
      guard case .operation(let op, _, _) = graph.nodes[index] else { return false }
      return op is Convolution
    }
  }

  /// Which values depend on the input.
  var dependent: [Bool] {
    var depends = [Bool](repeating: false, count: graph.nodes.count)
    depends[x.index] = true
    for (index, node) in graph.nodes.enumerated() where !depends[index] {
      depends[index] = node.operands.contains { depends[$0.index] }
    }
    return depends
  }

  /// The last value of the elementwise steps that follow a layer: bias, normalisation, residual sum, activation.
  func end(of layer: Int) -> Int {
    var users = [[Int]](repeating: [], count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      for operand in node.operands { users[operand.index].append(index) }
    }
    var end = layer
    while users[end].count == 1, let next = users[end].first,
      case .operation(let op, let operands, let extents) = graph.nodes[next],
      extents == graph.nodes[end].extents,
      op is Elementwise || op is Arithmetic
        || (op is BatchNormalization && operands[0].index == end)
    {
      end = next
    }
    return end
  }

  /// What the inputs of a run are for rows and their classes.
  func inputs(_ rows: Tensor<Float>, classes: [Int]) -> [String: Tensor<Float>] {
    let width = graph[logits].extents.values[1]
    var columns = Tensor<Float>.zeros([classes.count, width])
    for (row, label) in classes.enumerated() {
      if width == 1 { columns[row] = label == 1 ? 1 : -1 } else { columns[row * width + label] = 1 }
    }
    return [Network.inputName: rows, NetworkForm.classes: columns]
  }

  /// A builder that goes on from the graph, with the scores of the rows' classes as a value of N numbers.
  func scoring(_ score: ClassScore) throws(GraphError) -> (builder: GraphBuilder, score: Value) {
    var builder = GraphBuilder(continuing: graph)
    let width = graph[logits].extents.values[1]
    let classes = builder.input(NetworkForm.classes, [Extents.batch, width])
    func chosen(_ outputs: Value) throws(GraphError) -> Value {
      try builder.apply(Reduce(axes: [1]), try builder.multiply(outputs, classes))
    }
    let value: Value
    switch score {
    case .probability where width == 1:
      value = try builder.apply(Elementwise(.sigmoid), try chosen(logits))
    case .probability where !endsInSoftmax:
      value = try chosen(try builder.apply(Softmax(axis: 1), logits))
    case .margin where width > 1:
      // The class itself is put out of the way of the largest of the others.
      let others = try builder.add(logits, try builder.scale(classes, by: -1e30))
      let rival = try builder.apply(Extremum(axes: [1], isMaximum: true), others)
      value = try builder.subtract(try chosen(logits), rival)
    default: value = try chosen(logits)
    }
    return (builder, value)
  }

  /// Whether the outputs are probabilities by their last operator.
  private var endsInSoftmax: Bool {
    guard case .operation(let op, _, _) = graph[logits], let softmax = op as? Softmax else {
      return false
    }
    return !softmax.isLogarithm
  }

  /// What runs the network up to features, and the slopes of the score with respect to them.
  func runner(
    gradientsOf score: ClassScore, withRespectTo features: Int
  ) throws -> GraphRunner {
    var (builder, target) = try scoring(score)
    let ones = try builder.affine(target, factor: 0, offset: 1)
    let value = Value(index: features)
    let slopes = try builder.gradients(of: target, cotangent: ones, withRespectTo: [value])[0]
    return try run(
      builder, computing: [(NetworkForm.features, value), (NetworkForm.slopes, slopes)])
  }

  /// What computes some values of a builder.
  func run(_ builder: GraphBuilder, computing outputs: [(String, Value)]) throws -> GraphRunner {
    let graph = Graph(
      nodes: builder.nodes, outputs: outputs.map { (name: $0.0, value: $0.1) })
    return GraphRunner(graph.pruned(), parameters: parameters)
  }
}

extension AttributionRequest {
  /// The positions of the examples, as many at once as a batch holds.
  var parts: [Range<Int>] {
    stride(from: 0, to: classes.count, by: batch).map { $0..<min($0 + batch, classes.count) }
  }
}
