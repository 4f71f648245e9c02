import ArgumentParser
import Attacks
import Files
import Networks
import Reports
import Robustness

/// One named attack on every example.
struct AttackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attack",
    abstract: "Run one attack on every example and say how many it breaks.",
    discussion: """
      Every success is verified: the changed input is inside the threat and inside the data's range, \
      exactly, and the network is run on it once more. The same seed gives the same changed inputs, \
      whatever the batch.

      The attacks and their options:
      \(AttackArguments.help)

      Example:
        gibbon attack mnist-robust --threat linf:0.3 --attack pgd --steps 40 --step-size 0.01 --restarts 5
      """)

  @Argument(help: ArgumentHelp(ModelReference.help))
  var model: String

  @OptionGroup var arguments: ModelArguments

  @OptionGroup var examples: DataArguments

  @Option(help: "What may change: linf:0.3, linf:8/255 or l2:1.5.")
  var threat: String

  @Option(
    help:
      "A safetensors file with radii of single examples (index, radius), instead of the threat's.")
  var radii: String?

  @Option(help: "The attack: \(Catalogue.rows.map(\.name).joined(separator: ", ")).")
  var attack = "pgd"

  @Option(
    parsing: .unconditional,
    help: "A class that the attack must make the network see; any wrong one by default.",
    transform: Parse.integer)
  var target: Int?

  @OptionGroup var run: RunArguments

  @OptionGroup var engine: EngineArguments

  @Option(help: "Write the result as JSON to this file.")
  var json: String?

  @Option(help: "Write a page with pictures to this file.")
  var report: String?

  @Option(help: "Write the changed inputs to this safetensors file.")
  var save: String?

  @Argument(parsing: .allUnrecognized, help: "Options of the attack; see above.")
  var attackOptions: [String] = []

  mutating func run() async throws {
    let row = try Catalogue.row(named: attack)
    let options = try AttackArguments.parse(attackOptions, for: row)
    let chosen = try row.attack(options)
    let reference = try ThreatReference(threat)
    try OutputFiles.check(["--json": json, "--report": report, "--save": save])
    let network = try ModelReference.load(model, arguments).network
    let data = try examples.load(for: network)
    let work = AttackRun.Request(
      model: model, network: network, data: data, threat: reference, target: target,
      attack: chosen, attackDescription: AttackArguments.describe(row, options),
      radii: try radii.map { try RadiusFile(path: $0) }, seed: run.seed, batch: run.batch,
      algorithms: try engine.apply())
    let result = try await Interrupt.guarding {
      try AttackRun.check(work)
      let compiled = try CompiledNetwork(network, algorithms: work.algorithms)
      let report = try await Checkup.perform(network, compiled, on: data)
      Checkup.warn(report.findings)
      var result = try await AttackRun.perform(work, on: compiled)
      result.findings = report.findings
      return result
    }
    if let save { try AtomicFile.write(result.witnesses().encoded(), to: save) }
    if let json { try AtomicFile.write(result.json.text(.pretty) + "\n", to: json) }
    if let report { try AtomicFile.write(try await result.page().html(), to: report) }
    try Terminal.print(result.text)
  }
}
