import Attacks
import Datasets
import Pages
import Reports
import Studies
import Training
import ArgumentParser
import Foundation

/// Trains a network, plainly or against an attack.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a network, plainly or against an attack.",
    discussion: """
      Without --threat the network is trained on the examples as they are. With it, each example is first \
      replaced by the worst that the attack finds within the threat (adversarial training).

      A recipe (--recipe) is a file of these options in YAML, `epochs: 10` and so on, or one of those that are built \
      in; `gibbon info --recipe NAME` shows one to be copied.

      The form of the file is what its ending says: .safetensors, .onnx, .pt or .npz. After each epoch it is replaced \
      by one from which `--resume` goes on exactly as if it had never stopped; so does Ctrl-C. What is unfinished is \
      kept in OUTPUT.state where the form has no room for it. A finished file holds the parameters alone.

      \(AttackArguments.help)

      Methods (--method NAME or NAME:OPTION=VALUE,...; `gibbon info NAME` lists the options of one):
      \(TrainCommand.methods)

      Examples:
        gibbon train mnist-small --output plain.safetensors --epochs 3
        gibbon train --recipe mnist-wong --output robust.safetensors
        gibbon train mnist-small --output trades.safetensors \\
          --threat linf:0.3 --method trades:beta=1
      """)

  /// Makes sure that options are those of an attack, where nobody asks for one.
  ///
  /// - Throws: `UnknownOption` that names the option.
  private static func checkNames(_ names: [String], _ row: CatalogueRow) throws {
    guard let name = names.first(where: { name in !row.parameters.contains { $0.name == name } })
    else { return }
    throw UnknownOption(description: "there is no option --\(name); see gibbon train --help")
  }

  /// A line for each method.
  private static let methods = MethodCatalogue.rows.map { row in
    let width = 2 + (MethodCatalogue.rows.map(\.name.count).max() ?? 0)
    return "  " + row.name.padding(toLength: width, withPad: " ", startingAt: 0) + row.summary
  }.joined(separator: "\n")

  @OptionGroup(title: CommonArguments.title) var common: CommonArguments

  @OptionGroup(title: OptimizerArguments.title) var optimizer: OptimizerArguments

  @OptionGroup(title: LossArguments.title) var loss: LossArguments

  @OptionGroup(title: SelectionArguments.title) var selection: SelectionArguments

  @OptionGroup(title: CourseArguments.title) var course: CourseArguments

  @OptionGroup(title: "What data do not say") var form: DataFormArguments

  @OptionGroup(title: "What an ONNX file leaves open") var onnx: ONNXArguments

  @OptionGroup(title: "Engine") var engine: EngineArguments

  // The architecture may be left out, so that only the options of the attack tell it from one of their values.
  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp(
      "The architecture (`gibbon info` lists them), such as resnet20 or resnet20@3x64x64:2, or a network to train further; and options of the attack, see above.",
      valueName: "architecture"),
    completion: Completions.modelsAndArchitectures)
  var words: [String] = []

  mutating func run() async throws {
    let observer = TerminalObserver.observer
    let asked = try specification()
    let json = course.json
    let study = try TrainingStudy(
      asked, command: ShellWords.ownWords, recordIn: json, telling: observer
    ) { files in
      try OutputFiles.check(
        [
          .named("--output", asked.output), .json("--json", json),
          .lines("--metrics", asked.metrics),
        ]
          + files.dropFirst().map { .named("--output", $0) },
        apartFrom: OutputFiles.inputs(nil, asked.data.data, nil, nil)
          + OutputFiles.inputs(nil, asked.validation, nil, nil)
          + [
            ("--from", asked.from == asked.output ? nil : asked.from), ("--recipe", common.recipe),
          ])
    }
    guard course.findRate else {
      _ = try await Interrupt.guarding { try await study.run(telling: observer) }
      return
    }
    let found = try await Interrupt.guarding { try await study.findRate(telling: observer) }
    print(found.text)
  }

  /// What the recipe asks for, and what was given over it.
  private func specification() throws -> TrainingSpecification {
    var asked = TrainingSpecification(architecture: "", output: common.output)
    try common.recipe.map { try RecipeFile($0).apply(to: &asked) }
    if let method = common.method {
      // A method that searches by itself has no use for the recipe's attack, and one without an adversary for its threat.
      let needs = try MethodCatalogue.read(method).row.needs
      if needs != .attack { (asked.attack, asked.options) = (nil, [:]) }
      if needs == .nothing { asked.threat = nil }
    }
    if let attack = common.attack, attack != asked.attack ?? "pgd" { asked.options = [:] }
    asked.attack = common.attack ?? asked.attack
    let row = try Catalogue.row(named: asked.attack ?? "pgd")
    let (form, options) = ownWords(row)
    let found = try AttackArguments.parse(options, for: row)
    if common.threat ?? asked.threat == nil, common.attack == nil {
      try TrainCommand.checkNames(found.keys.sorted(), row)
    }
    asked.options.merge(found) { $1 }
    form.map { asked.architecture = $0 }
    common.data.map { asked.data.data = $0 }
    common.count.map { asked.data.count = $0 }
    asked.data.form.take(self.form.settings)
    asked.from = common.from ?? asked.from
    asked.onnx = onnx.settings
    common.apply(to: &asked.recipe)
    optimizer.apply(to: &asked.recipe)
    loss.apply(to: &asked.recipe)
    selection.apply(to: &asked.recipe)
    asked.engine = engine.settings
    asked.threat = common.threat ?? asked.threat
    asked.validation = common.validation ?? asked.validation
    asked.metrics = course.metrics
    asked.tensorboard = course.tensorboard
    course.metricsEvery.map { asked.metricsEvery = $0 }
    asked.resume = common.resume
    guard !asked.architecture.isEmpty else {
      throw ValidationError(
        "no architecture is given; expected one, such as mnist-small, or a --recipe that names one"
      )
    }
    return asked
  }

  /// The architecture, and the words that are about the attack.
  private func ownWords(_ row: CatalogueRow) -> (architecture: String?, options: [String]) {
    var architecture: String?
    var options: [String] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-") else {
        if architecture == nil { architecture = word } else { options.append(word) }
        continue
      }
      options.append(word)
      guard !word.contains("="), let next = rest.first, !next.hasPrefix("--") else { continue }
      let isFlag = row.parameters.contains { $0.name == word.dropFirst(2) && $0.kind == .flag }
      if !isFlag || Bool(next) != nil { options += rest.popFirst().map { [$0] } ?? [] }
    }
    return (architecture, options)
  }
}

/// An option that neither a command nor an attack has.
struct UnknownOption: Error, CustomStringConvertible {
  let description: String
}
