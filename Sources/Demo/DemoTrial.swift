import Attacks
import Studies
import Settings
import Robustness
import Datasets
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
