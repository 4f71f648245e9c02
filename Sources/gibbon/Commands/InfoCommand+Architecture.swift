import Tensors
import Files
import Networks
import Reports
import JSON
import Studies
import Graphs
extension InfoCommand {
  /// Describes a form of networks, of which there is no network yet.
  ///
  /// - Throws: `StudyError` for options that are about a network; what building the form's graph throws.
  func describe(_ architecture: Architecture) throws {
    guard examples.data == nil, arguments.settings.isPlain, arguments.architecture == nil else {
      throw StudyError(
        "\(architecture.name) is an architecture, without parameters to be tried; expected a network for --data and for"
          + " what is said of its input")
    }
    let graph = try architecture.graph()
    let layers = InfoCommand.layers(of: graph)
    if let json {
      let text = InfoCommand.json(architecture, graph, layers).text(.pretty)
      try AtomicFile.write(text + "\n", to: json)
    }
    try Terminal.print(InfoCommand.text(architecture, graph, layers))
  }

  /// One step of a network: what it does, with which parameters, and the shape of what comes out for one example.
  private struct Layer {
    let operation: String
    let parameters: [String]
    let output: Shape
  }

  /// The steps of a graph that depend on the input, without repetitions of values.
  private static func layers(of graph: Graph) -> [Layer] {
    func parameters(of value: Value) -> [String] {
      switch graph[value] {
      case .parameter(let name, _): [name]
      case .input, .constant: []
      case .operation(_, let operands, let extents):
        extents.isBatched && !isRepetition(graph[value]) ? [] : operands.flatMap(parameters)
      }
    }
    return graph.nodes.compactMap { node in
      guard case .operation(let op, let operands, let extents) = node, extents.isBatched,
        !isRepetition(node)
      else { return nil }
      return Layer(
        operation: op.name, parameters: operands.flatMap(parameters),
        output: Shape(Array(extents.values.dropFirst())))
    }
  }

  private static func isRepetition(_ node: Node) -> Bool {
    if case .operation(let op, _, _) = node { op is Broadcast || op is Expand } else { false }
  }

  /// The number of trained values.
  private static func count(_ graph: Graph) -> Int {
    let statistics = graph.statisticNames
    return graph.parameters.reduce(0) { sum, parameter in
      statistics.contains(parameter.name)
        ? sum : sum + graph[parameter.value].extents.countPerExample
    }
  }

  private static func outputCount(_ graph: Graph) -> Int {
    graph.outputs.first.map { graph[$0.value].extents.countPerExample } ?? 0
  }

  private static func text(
    _ architecture: Architecture, _ graph: Graph, _ layers: [Layer]
  ) -> String {
    let input = architecture.input
    var lines = [
      "\(architecture.name): \(architecture.summary); an architecture, \(Format.count(count(graph))) parameters",
      "input    \(input.shape), values from \(input.lowerBound) to \(input.upperBound)",
      "         \(preparation(input))",
      "output   \(outputCount(graph)) scores"
        + (input.classNames.isEmpty ? "" : ": " + input.classNames.joined(separator: " ")), "",
    ]
    var steps = Table(columns: [.words("layer"), .words("parameters"), .words("output")])
    for layer in layers {
      steps.append(texts: [
        layer.operation, layer.parameters.joined(separator: ", "), layer.output.description,
      ])
    }
    var table = Table(columns: [.words("parameter"), .words("shape"), .numbers("values")])
    for (name, value) in graph.parameters {
      let extents = graph[value].extents
      table.append(texts: [
        name, extents.shape(batch: 1).description, Format.count(extents.countPerExample),
      ])
    }
    lines += [
      steps.text(), table.text(),
      "gibbon train \(architecture.name) --output FILE makes a network of it",
    ]
    return lines.joined(separator: "\n")
  }

  private static func json(
    _ architecture: Architecture, _ graph: Graph, _ layers: [Layer]
  ) -> JSONValue {
    let input = architecture.input
    func shape(_ shape: Shape) -> JSONValue { .array(shape.extents.map { JSONValue($0) }) }
    return [
      "verb": "info", "version": JSONValue(Version.text),
      "architecture": JSONValue(architecture.name), "summary": JSONValue(architecture.summary),
      "input_shape": shape(input.shape), "lower_bound": JSONValue(input.lowerBound),
      "upper_bound": JSONValue(input.upperBound),
      "mean": .array(input.mean.map { JSONValue($0) }),
      "standard_deviation": .array(input.standardDeviation.map { JSONValue($0) }),
      "outputs": JSONValue(outputCount(graph)), "parameter_count": JSONValue(count(graph)),
      "parameters": .array(
        graph.parameters.map { name, value in
          ["name": JSONValue(name), "shape": shape(graph[value].extents.shape(batch: 1))]
        }),
      "layers": .array(
        layers.map { layer in
          [
            "operation": JSONValue(layer.operation),
            "parameters": .array(layer.parameters.map { JSONValue($0) }),
            "output": shape(layer.output),
          ]
        }),
    ]
  }
}
