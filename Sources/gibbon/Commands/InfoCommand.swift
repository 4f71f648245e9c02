import ArgumentParser
import Files
import Graphs
import Networks
import Reports
import Tensors

/// What a network is and how it came to be.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Say what a network is and how it was made.",
    discussion: "Without MODEL: the built-in networks and the known architectures.")

  @Argument(help: "A built-in network (\(ModelReference.builtInNames)) or a .safetensors file.")
  var model: String?

  @Option(help: "Write the same as JSON to this file.")
  var json: String?

  func run() throws {
    guard let model else {
      try Terminal.print(overview)
      return
    }
    let file = try ModelReference.load(model)
    if let json {
      try OutputFiles.check(["--json": json])
      try AtomicFile.write(description(file, model).text(.pretty) + "\n", to: json)
    }
    try Terminal.print(text(file, model))
  }

  private var overview: String {
    var table = Table(columns: [.words("architecture"), .words("what it is")])
    for architecture in Architecture.all {
      table.append(texts: [architecture.name, architecture.summary])
    }
    return "Built-in networks: \(ModelReference.builtInNames)\n\n" + table.text()
  }

  private func text(_ file: NetworkFile, _ model: String) -> String {
    let network = file.network
    let input = network.input
    var lines = [
      "\(model): \(network.architecture), \(Format.count(network.parameterCount)) parameters",
      "input    \(input.shape), values from \(input.lowerBound) to \(input.upperBound)",
      "output   \(network.outputCount) scores"
        + (input.classNames.isEmpty ? "" : ": " + input.classNames.joined(separator: " ")), "",
    ]
    var table = Table(columns: [.words("parameter"), .words("shape"), .numbers("values")])
    for name in network.parameterNames {
      guard let tensor = network.parameters[name] else { continue }
      table.append(texts: [name, tensor.shape.description, Format.count(tensor.count)])
    }
    lines.append(table.text())
    for (key, value) in file.history.sorted(by: { $0.key < $1.key }) {
      let text = value.split(separator: "\n").joined(separator: "\n         ")
      lines.append("\(key)\(String(repeating: " ", count: max(1, 9 - key.count)))\(text)")
    }
    return lines.joined(separator: "\n")
  }

  private func description(_ file: NetworkFile, _ model: String) -> JSONValue {
    let network = file.network
    var history = JSONObject()
    for (key, value) in file.history.sorted(by: { $0.key < $1.key }) {
      history[key] = JSONValue(value)
    }
    let parameters = network.parameterNames.map { name -> JSONValue in
      let shape = network.parameters[name]?.shape.extents ?? []
      return ["name": JSONValue(name), "shape": .array(shape.map { JSONValue($0) })]
    }
    return [
      "verb": "info", "version": JSONValue(Gibbon.versionText), "model": JSONValue(model),
      "architecture": JSONValue(network.architecture),
      "input_shape": .array(network.input.shape.extents.map { JSONValue($0) }),
      "lower_bound": JSONValue(network.input.lowerBound),
      "upper_bound": JSONValue(network.input.upperBound),
      "classes": .array(network.input.classNames.map { JSONValue($0) }),
      "parameter_count": JSONValue(network.parameterCount), "parameters": .array(parameters),
      "history": .object(history),
    ]
  }
}
