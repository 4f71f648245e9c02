import Diagnosis
import Tensors
import Files
import JSON
import Networks
import Reports
import Studies
import ArgumentParser

/// What a network is and how it came to be.
struct InfoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what a network is, how it was made, and whether it fits its data.",
    discussion: """
      Without MODEL: the built-in networks and the known architectures. MODEL may be one of these, too, whose layers, \
      parameters, input and output are listed. With --data, the network is run on a few \
      hundred of the examples, and what looks wrong is named with its evidence and what would probably mend it: \
      probabilities instead of logits, another range or order of values, normalisation that is missing or done \
      twice, labels that are off by one, batch normalisation in training form, outputs that change.
      """)

  @Argument(
    help: ArgumentHelp("\(ModelReference.help.dropLast()); or the name of an architecture."),
    completion: Completions.modelsAndArchitectures)
  var model: String?

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: TrialArguments

  @Option(help: "Write the same as JSON to this file.")
  var json: String?

  mutating func run() async throws {
    guard let model else {
      if examples.data != nil { throw StudyError("--data needs a MODEL to be tried on") }
      try Terminal.print(overview)
      return
    }
    try OutputFiles.check([.json("--json", json)])
    if BuiltInNetwork(rawValue: model) == nil, !WholeFile.exists(model),
      let architecture = Architecture.all.first(where: { $0.name == model })
    {
      return try describe(architecture)
    }
    let loaded: LoadedModel
    do {
      loaded = try ModelReference.load(
        model, arguments.settings, telling: TerminalObserver.observer,
        example: { try examples.settings()?.exampleShape() })
    } catch let error as ONNXError where error.isOpenShape && examples.data == nil {
      return try write(OpenNetwork(name: model, outline: try ONNXOutline(path: model)))
    }
    let file = loaded.file
    let report = try await examination(loaded, model)
    var delivery = Delivery()
    delivery.tell(text(file, model, report))
    delivery.write(description(loaded, model, report).text(.pretty) + "\n", to: json)
    try delivery.finish()
  }

  /// Says what a file says of itself whose examples may be of any shape.
  private func write(_ network: OpenNetwork) throws {
    var delivery = Delivery()
    delivery.tell(network.text)
    delivery.write(network.json.text(.pretty) + "\n", to: json)
    try delivery.finish()
  }

  /// What the network does with the data, if there are any.
  private func examination(
    _ loaded: LoadedModel, _ model: String
  ) async throws -> Checkup.Report? {
    let observer = TerminalObserver.observer
    let input = try InputForm(loaded.network, arguments.settings)
    guard
      let set = try examples.settings()?.load(for: input, needsLabels: false, telling: observer)
    else { return nil }
    let subject = Subject(model, loaded.network, source: loaded.source)
    try set.check(fits: subject)
    if let warning = set.labelWarning(for: subject) { Terminal.warning(warning) }
    let compiled = try subject.model()
    return try await Interrupt.guarding { try await Checkup.perform(subject, compiled, on: set) }
  }

  private var overview: String {
    var table = Table(columns: [.words("architecture"), .words("what it is")])
    for architecture in Architecture.all {
      table.append(texts: [architecture.name, architecture.summary])
    }
    return "Built-in networks: \(ModelReference.builtInNames)\n\n" + table.text()
  }

  private func text(_ file: NetworkFile, _ model: String, _ report: Checkup.Report?) -> String {
    let network = file.network
    let input = network.input
    var lines = [
      "\(model): \(network.architecture), \(Format.count(network.parameterCount)) parameters",
      "input    \(input.shape), "
        + (input.hasRange
          ? "values from \(input.lowerBound) to \(input.upperBound)"
          : "values as the data have them"),
      "         \(InfoCommand.preparation(input))",
      "output   \(network.outputCount) scores"
        + (input.classNames.isEmpty ? "" : ": " + input.classNames.joined(separator: " ")), "",
    ]
    lines = lines.map(\.terminalSafe)
    var table = Table(columns: [.words("parameter"), .words("shape"), .numbers("values")])
    for name in network.parameterNames {
      guard let tensor = network.parameters[name] else { continue }
      table.append(texts: [name, tensor.shape.description, Format.count(tensor.count)])
    }
    lines.append(table.text())
    for (key, value) in file.history.sorted(by: { $0.key < $1.key }) {
      let text = value.split(separator: "\n").joined(separator: "\n         ")
      let title = key.terminalSafe
      lines.append("\(title)\(String(repeating: " ", count: max(1, 9 - title.count)))\(text)")
    }
    if let report { lines += ["", verdict(report)] }
    return lines.joined(separator: "\n")
  }

  /// What the network makes of its input, in words.
  static func preparation(_ input: InputDescription) -> String {
    var steps: [String] = []
    if let range = input.networkRange {
      steps.append("spread over \(range.lowerBound) to \(range.upperBound)")
    }
    if input.channelOrder == .bgr { steps.append("red and blue exchanged") }
    if !input.mean.isEmpty {
      let means = input.mean.map(\.description).joined(separator: ", ")
      let deviations = input.standardDeviation.map(\.description).joined(separator: ", ")
      steps.append("normalised by the means \(means) and deviations \(deviations)")
    }
    if input.layout == .channelsLast { steps.append("laid out with the channels last") }
    return steps.isEmpty ? "taken as they are" : steps.joined(separator: ", then ")
  }

  private func verdict(_ report: Checkup.Report) -> String {
    let count = report.examination.count
    let share =
      report.examination.right.map {
        "\($0) of \(Format.count(count)) examples are classified rightly"
          + (count == report.total
            ? "" : "; they were drawn evenly from \(Format.count(report.total))")
      } ?? report.extent + ", without targets that are classes of the network's"
    let values = report.values.lines.map { "         \($0.terminalSafe)" }
    let findings = report.findings.map {
      "warning  \($0.evidence.terminalSafe)\n         \($0.mend.terminalSafe)"
    }
    return
      (["data     \(share.terminalSafe)"] + values
      + (findings.isEmpty ? ["         nothing looks wrong"] : findings))
      .joined(separator: "\n")
  }

  private func description(
    _ loaded: LoadedModel, _ model: String, _ report: Checkup.Report?
  ) -> JSONValue {
    let file = loaded.file
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
      "verb": "info", "version": JSONValue(Version.text), "model": JSONValue(model),
      "command": ShellWords.json(ShellWords.ownWords),
      "model_digest": JSONValue(loaded.fileDigest.map { JSONValue($0) }),
      "architecture": JSONValue(network.architecture),
      "input_shape": .array(network.input.shape.extents.map { JSONValue($0) }),
      "lower_bound": JSONValue(network.input.lowerBound),
      "upper_bound": JSONValue(network.input.upperBound),
      "classes": .array(network.input.classNames.map { JSONValue($0) }),
      "parameter_count": JSONValue(network.parameterCount), "parameters": .array(parameters),
      "mean": .array(network.input.mean.map { JSONValue($0) }),
      "standard_deviation": .array(network.input.standardDeviation.map { JSONValue($0) }),
      "network_range": .array(
        (network.input.networkRange.map { [$0.lowerBound, $0.upperBound] } ?? [])
          .map { JSONValue($0) }),
      "layout": JSONValue(network.input.layout.rawValue),
      "channels": JSONValue(network.input.channelOrder.rawValue),
      "history": .object(history),
      "data": JSONValue(examples.data.map { JSONValue($0) }),
      "count": JSONValue(report.map { JSONValue($0.examination.count) }),
      "total": JSONValue(report.map { JSONValue($0.total) }),
      "right": JSONValue(report?.examination.right.map { JSONValue($0) }),
      "values": JSONValue(report?.values.json),
      "warnings": Checkup.json(report?.findings ?? []),
    ]
  }
}
