import ArgumentParser
import Diagnosis
import Files
import Graphs
import JSON
import Networks
import Reports
import Studies
import Tensors
import Training

/// What a network is and how it came to be.
struct InfoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what a network is, how it was made, and whether it fits its data.",
    discussion: """
      Without MODEL: the built-in networks, the known architectures and the built-in recipes. MODEL may be one of \
      the architectures, too, whose layers, parameters, input and output are listed, or a method of training, whose \
      options are. With --data, the network is run on a few \
      hundred of the examples, and what looks wrong is named with its evidence and what would probably mend it: \
      probabilities instead of logits, another range or order of values, normalisation that is missing or done \
      twice, labels that are off by one, batch normalisation in training form, outputs that change.

      Examples:
        gibbon info
        gibbon info --recipe mnist-wong
        gibbon info --corruptions
        gibbon info mnist-robust --data mnist:test --count 200
      """)

  @Argument(
    help: ArgumentHelp("\(ModelReference.help.dropLast()); or the name of an architecture."),
    completion: Completions.modelsAndArchitectures)
  var model: String?

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: TrialArguments

  @Flag(help: "List the built-in recipes of `gibbon train`.")
  var recipes = false

  @Option(
    help: ArgumentHelp(
      "Show this recipe, to be copied or checked: a built-in one or a file.", valueName: "recipe"),
    completion: Completions.recipes)
  var recipe: String?

  @Flag(help: "List the corruptions of `gibbon corrupt` and `gibbon evaluate`.")
  var corruptions = false

  @Option(help: "Write the same as JSON to this file.")
  var json: String?

  mutating func run() async throws {
    if corruptions { return try tellCorruptions() }
    if recipes || recipe != nil { return try tellRecipes() }
    guard let model else {
      if examples.data != nil {
        throw StudyError("--data needs a MODEL: gibbon info MODEL --data DATA")
      }
      try OutputFiles.check([.json("--json", json)])
      var delivery = Delivery()
      delivery.tell(overview)
      delivery.write(InfoCommand.overview.text(.pretty) + "\n", to: json)
      return try delivery.finish()
    }
    try OutputFiles.check([.json("--json", json)])
    if BuiltInNetwork(rawValue: model) == nil, !WholeFile.exists(model) {
      let isKnown = Architecture.all.contains { $0.name == model.prefix { $0 != "@" } }
      if isKnown { return try describe(try Architecture.named(model)) }
      if BuiltInRecipe.all.contains(where: { $0.name == model }) {
        recipe = model
        self.model = nil
        return try tellRecipes()
      }
      if let method = MethodCatalogue.rows.first(where: { $0.name == model }) {
        var delivery = Delivery()
        delivery.tell(InfoCommand.text(of: method))
        delivery.write(InfoCommand.json(of: method).text(.pretty) + "\n", to: json)
        return try delivery.finish()
      }
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
    let report = try await diagnosis(loaded, model)
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
  private func diagnosis(
    _ loaded: LoadedModel, _ model: String
  ) async throws -> DiagnosisStep.Report? {
    let observer = TerminalObserver.observer
    let input = try InputForm(loaded.network, arguments.settings)
    guard
      let set = try examples.settings()?.load(for: input, needsLabels: false, telling: observer)
    else { return nil }
    let subject = Subject(model, loaded.network, source: loaded.source)
    try set.check(fits: subject)
    if let warning = set.labelWarning(for: subject) { Terminal.warning(warning) }
    let compiled = try subject.model()
    return try await Interrupt.guarding {
      try await DiagnosisStep.perform(subject, compiled, on: set)
    }
  }

  private var overview: String {
    var table = Table(columns: [.words("architecture"), .words("what it is")])
    for architecture in Architecture.all {
      table.append(texts: [architecture.name, architecture.summary])
    }
    return "Built-in networks: \(ModelReference.builtInNames)\n\n" + table.text() + "\n"
      + InfoCommand.recipeTable
  }

  /// The built-in recipes, a line each.
  private static var recipeTable: String {
    var table = Table(columns: [.words("recipe"), .words("what it is")])
    for recipe in BuiltInRecipe.all { table.append(texts: [recipe.name, recipe.summary]) }
    return table.text()
  }

  /// Lists the recipes, or shows one.
  ///
  /// - Throws: `StudyError` where something else is asked as well, or an error of the recipe that names its line.
  private func tellRecipes() throws {
    guard model == nil, examples.data == nil, !(recipes && recipe != nil) else {
      throw StudyError(
        "--recipes and --recipe go without a MODEL, --data and each other; expected one of them alone"
      )
    }
    try OutputFiles.check([.json("--json", json)])
    var delivery = Delivery()
    let shown = try recipe.map { try RecipeFile($0) }
    delivery.tell(shown?.text ?? InfoCommand.recipeTable)
    let record = StudyRecord(
      "info", nil,
      [
        "command": ShellWords.json(ShellWords.ownWords),
        "recipes": .array(
          BuiltInRecipe.all.filter { recipe == nil || $0.name == recipe }.map {
            [
              "name": JSONValue($0.name), "summary": JSONValue($0.summary),
              "text": JSONValue($0.text),
            ]
          }), "recipe": JSONValue(shown?.text),
      ])
    delivery.write(record.text, to: json)
    try delivery.finish()
  }

  /// The same as a record.
  private static var overview: JSONValue {
    StudyRecord(
      "info", nil,
      [
        "command": ShellWords.json(ShellWords.ownWords),
        "networks": .array(BuiltInNetwork.allCases.map { JSONValue($0.rawValue) }),
        "architectures": .array(
          Architecture.all.map {
            ["name": JSONValue($0.name), "summary": JSONValue($0.summary)]
          }),
        "recipes": .array(
          BuiltInRecipe.all.map {
            ["name": JSONValue($0.name), "summary": JSONValue($0.summary)]
          }),
      ]
    ).json
  }

  private func text(_ file: NetworkFile, _ model: String, _ report: DiagnosisStep.Report?) -> String
  {
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

  private func verdict(_ report: DiagnosisStep.Report) -> String {
    let count = report.diagnosis.count
    let share =
      report.diagnosis.right.map {
        "\($0) of \(Format.count(count)) examples are classified correctly"
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
    _ loaded: LoadedModel, _ model: String, _ report: DiagnosisStep.Report?
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
    return StudyRecord(
      "info", nil,
      [
        "model": JSONValue(model),
        "command": ShellWords.json(ShellWords.ownWords),
        "model_digest": JSONValue(loaded.fileDigest),
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
        "data": JSONValue(examples.data),
        "count": JSONValue(report?.diagnosis.count),
        "total": JSONValue(report?.total),
        "right": JSONValue(report?.diagnosis.right),
        "values": JSONValue(report?.values.json),
        "warnings": DiagnosisStep.json(report?.findings ?? []),
      ]
    ).json
  }

  /// Describes a form of networks, of which there is no network yet.
  ///
  /// - Throws: `StudyError` for options that are about a network; what building the form's graph throws.
  func describe(_ architecture: Architecture) throws {
    guard examples.data == nil, arguments.settings.isPlain, arguments.architecture == nil else {
      throw StudyError(
        "\(architecture.name) is an architecture, without parameters; expected a network for --data and the options"
          + " of its input")
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
    return StudyRecord(
      "info", nil,
      [
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
    ).json
  }
}
