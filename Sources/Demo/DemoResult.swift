import Attacks
import Datasets
import Insight
import JSON
import Models
import Networks
import Reports
import Robustness
import Settings
import Studies
import Training

/// All that the demo found out.
package struct DemoResult: Sendable {
  let settings: DemoSettings
  let networks: Pair<DemoNetwork>
  let test: Dataset
  let table: DemoTable
  let curves: DemoCurves
  let linearity: Linearity
  let pictures: DemoPictures
  let morph: MorphResult
  let stages: [Narration.Stage]

  var radii: RadiusFile { table.radii }

  /// Number of images that the table is about.
  var count: Int { table.naturalRow.shares.standard.total }

  /// What the numbers depend on besides the seed.
  var conditions: String {
    "Gibbon \(Version.text), seed \(settings.seed), \(threads) threads"
  }

  /// Number of threads that computed.
  var threads: Int { DetachedThread.processorCount }

  /// The table.
  func comparison() -> Table {
    var comparison = Table(
      caption: "Digits read rightly, of \(Format.count(count)) test images, when every pixel may "
        + "move by \(Format.shortest(settings.radius))",
      columns: [.words("what is done to the image"), .numbers("standard"), .numbers("robust")])
    for row in table.rows {
      comparison.append(
        [Table.Cell(row.name)]
          + row.shares.all.map { share in
            Table.Cell(
              Format.percent(share.share, decimals: 2),
              isEmphasised: row.trial.attack is PGD && !row.isNatural)
          })
    }
    return comparison
  }

  /// Accuracy against the radius.
  var curveSection: [HTMLBlock] {
    func points(_ shares: [Double]) -> [LinePlot.Point] {
      zip(curves.radii, shares).map { LinePlot.Point($0, $1) }
    }
    let plot = LinePlot(
      title: "How much each network withstands",
      x: Axis("largest change of a pixel", range: 0...0.5),
      y: Axis("digits read rightly", range: 0...1, style: .percent(decimals: 0)),
      series: [
        .init("standard, noise", points(curves.noisy.standard), color: .vermilion, isDashed: true),
        .init("robust, noise", points(curves.noisy.robust), color: .blue, isDashed: true),
        .init("standard, attack", points(curves.attacked.standard), color: .vermilion),
        .init("robust, attack", points(curves.attacked.robust), color: .blue),
      ], rule: .init(at: settings.radius, label: "practised: \(Format.shortest(settings.radius))"))
    return [
      .heading("Accuracy against the size of the change"),
      .paragraph(
        """
        The standard network reads fewer than half of the digits from \(half(curves.attacked.standard)) on. \
        The robust one still reads \(Format.percent(practised, decimals: 0)) at \
        \(Format.shortest(settings.radius)), the size that it practised on, and fewer than half from \
        \(half(curves.attacked.robust)) on. What it did not practise it does not withstand.
        """),
      .plot(
        plot,
        caption: """
          The first \(Format.count(curves.count)) test images. The attack is PGD at \
          \(curves.radii.count - 1) sizes, with \(settings.curveSteps) steps of \
          1/\(Format.fixed(Double(settings.curveSteps) / 2.5, decimals: 0)) of the size. An image that \
          is broken stays broken: the change that broke it is allowed at every larger size. So each size \
          is tried only on images that held until then. Noise, dashed, is drawn anew at each size.
          """),
    ]
  }

  /// The robust network's share at the size that it practised on.
  private var practised: Double {
    curves.radii.lastIndex { $0 <= settings.radius }.map { curves.attacked.robust[$0] } ?? .nan
  }

  /// Where a curve falls below half.
  private func half(_ shares: [Double]) -> String {
    shares.firstIndex { $0 < 0.5 }.map { Format.shortest(curves.radii[$0]) } ?? "no size tried"
  }

  /// What is printed at the end.
  package func text(_ folder: DemoFolder) -> String {
    var lines = [comparison().text()]
    if settings.isQuick {
      lines.append(
        "Quick version: \(settings.epochs.standard) and \(settings.epochs.robust) passes over the data, "
          + "the first \(Format.count(count)) images, a weaker attack.\n")
    }
    lines.append("The report with pictures:   \(folder.file(DemoFolder.page))")
    lines.append("The numbers as JSON:        \(folder.file(DemoFolder.json))")
    lines.append(
      "The networks:               "
        + DemoFolder.networks.all.map(folder.file).joined(separator: ", "))
    return lines.joined(separator: "\n")
  }

  /// The object in `report.json`.
  func json(_ folder: DemoFolder) -> JSONValue {
    let files = DemoFolder.networks.map(folder.file)
    func pair<Value>(_ pair: Pair<Value>, _ value: (Value) -> JSONValue) -> JSONValue {
      ["standard": value(pair.standard), "robust": value(pair.robust)]
    }
    func numbers(_ values: [Double]) -> JSONValue { .array(values.map { JSONValue($0) }) }
    let rows = table.rows.map { row -> JSONValue in
      [
        "name": JSONValue(row.name), "threat": JSONValue(row.isNatural ? "none" : row.trial.threat),
        "accuracy": pair(row.shares) { JSONValue($0.share) },
        "correct": pair(row.shares) { JSONValue($0.count) },
        "seconds": pair(row.costs) { JSONValue($0.seconds) },
        "forward_evaluations": pair(row.costs) { JSONValue($0.passes.forward) },
        "backward_evaluations": pair(row.costs) { JSONValue($0.passes.backward) },
        "command": pair(files) { JSONValue(ShellWords.line(row.trial.command($0))) },
      ]
    }
    let explanation = linearity.rows.map { row -> JSONValue in
      [
        "radius": JSONValue(row.radius), "predicted": JSONValue(row.predicted),
        "actual": JSONValue(row.actual), "noise_predicted": JSONValue(row.noisePredicted),
        "noise_actual": JSONValue(row.noiseActual),
      ]
    }
    return StudyRecord(
      "demo", nil,
      [
        "quick": JSONValue(settings.isQuick), "seed": JSONValue(settings.seed),
        "data": JSONValue(test.name), "threat": JSONValue(settings.threat),
        "count": JSONValue(count), "networks": networkDescriptions(files), "rows": .array(rows),
        "curves": [
          "count": JSONValue(curves.count), "radii": numbers(curves.radii),
          "attack": pair(curves.attacked, numbers), "noise": pair(curves.noisy, numbers),
        ],
        "linearity": [
          "count": JSONValue(linearity.count), "lead": JSONValue(linearity.lead),
          "slope": JSONValue(linearity.slope), "rows": .array(explanation),
        ],
        "morph": morph.record.json["networks"] ?? .null,
        "stages": .array(
          stages.map { ["name": JSONValue($0.name), "seconds": JSONValue($0.seconds)] }),
        "seconds": JSONValue(stages.reduce(0) { $0 + $1.seconds }),
      ]
    ).json
  }

  private func networkDescriptions(_ files: Pair<String>) -> JSONValue {
    func describe(_ network: DemoNetwork, _ file: String) -> JSONValue {
      [
        "file": JSONValue(file), "architecture": JSONValue(network.network.architecture),
        "parameters": JSONValue(network.network.parameterCount),
        "recipe": JSONValue(network.recipe.description),
        "epochs": .array(network.epochs.map(\.json)),
        "commands": .array(
          network.commands(output: file).map { JSONValue(ShellWords.line($0)) }),
      ]
    }
    return [
      "standard": describe(networks.standard, files.standard),
      "robust": describe(networks.robust, files.robust),
    ]
  }
}

/// One line of the demo's table.
struct DemoRow: Sendable {
  let name: String
  /// What is measured, in a few words.
  let meaning: String
  /// The shares of images read rightly.
  let shares: Pair<Proportion>
  /// What was run.
  let trial: DemoTrial
  /// Whether the number is the accuracy that the trial measures without its attack.
  var isNatural = false
  /// Time and evaluations that the attack took on each network.
  let costs: Pair<Cost>

  struct Cost: Sendable {
    let seconds: Double
    let passes: Passes
  }

  init(_ trial: DemoTrial, _ runs: Pair<AttackRun>) {
    name = trial.name
    meaning = trial.meaning
    shares = runs.map(\.robust)
    self.trial = trial
    costs = runs.map { Cost(seconds: $0.seconds, passes: $0.passes) }
  }

  /// The accuracy on the images as they are.
  init(naturalOf trial: DemoTrial, _ runs: Pair<AttackRun>) {
    name = "natural"
    meaning = "the images as they are"
    shares = runs.map(\.clean)
    self.trial = trial
    isNatural = true
    costs = runs.map { run in
      Cost(seconds: 0, passes: Passes(forward: run.outcomes.count))
    }
  }
}

/// One attack of the demo: as it is run and as it is typed.
struct DemoTrial: Sendable {
  /// The row of the table.
  let name: String
  /// A few words on it.
  let meaning: String
  let threat: String
  let attack: any ConfigurableAttack
  /// Options that are typed although they have their standard values.
  var stated: Set<String> = []
  var radii: RadiusFile?
  let settings: DemoSettings

  /// The test images that are attacked.
  func data(_ test: Dataset) -> Dataset {
    settings.attackedCount.map { test.subset(offset: 0, count: $0) } ?? test
  }

  /// Runs the attack on a network.
  func run(on subject: DemoNetwork, _ test: Dataset) async throws -> AttackRun {
    var request = AttackRun.Request(
      subject: Subject(subject.name, subject.network), data: data(test),
      threat: try ThreatReference(threat), attack: attack,
      attackDescription: AttackSettings.describe(attack), radii: radii,
      seed: settings.seed, batch: 128)
    request.title = "\(name) on the \(subject.name) network:"
    return try await AttackRun.perform(
      request, on: subject.compiled, telling: settings.observer)
  }

  /// The command that runs the same attack on a file of the network, with the radii beside it.
  func command(_ file: String) -> [String] {
    var words = ["gibbon", "attack", file]
    if let count = settings.attackedCount { words += ["\(Setting.count)", "\(count)"] }
    words += ["\(Setting.threat)", threat]
    if radii != nil {
      let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
      words += ["\(Setting.radii)", folder + DemoFolder.radii]
    }
    words +=
      ["\(Setting.attack)", type(of: attack).name]
      + AttackSettings.words(for: attack, stating: stated)
    return words + ["\(Setting.seed)", "\(settings.seed)"]
  }
}

/// Something of the standard network and the same of the robust one.
struct Pair<Value: Sendable>: Sendable {
  var standard: Value
  var robust: Value

  init(_ standard: Value, _ robust: Value) {
    self.standard = standard
    self.robust = robust
  }

  /// Both, the standard network's first.
  var all: [Value] { [standard, robust] }

  func map<Other: Sendable>(_ transform: (Value) throws -> Other) rethrows -> Pair<Other> {
    try Pair<Other>(transform(standard), transform(robust))
  }
}
