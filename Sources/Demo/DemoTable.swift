import Robustness
import Tensors
import Reports
import Datasets
import Attacks
import Studies
/// The demo's table: what chance, one step and many steps do to both networks.
struct DemoTable: Sendable {
  let rows: [DemoRow]
  /// What the strong attack found.
  let strong: Pair<AttackRun>
  /// The lengths of its changes, which the noise of the same length has.
  let radii: RadiusFile
  /// The length of the noise where there was no change to measure.
  let medianRadius: String

  /// Runs all attacks.
  static func measure(
    _ networks: Pair<DemoNetwork>, on test: Dataset, _ settings: DemoSettings
  ) async throws -> DemoTable {
    func run(_ trial: DemoTrial) async throws -> Pair<AttackRun> {
      let standard = try await trial.run(on: networks.standard, test)
      return Pair(standard, try await trial.run(on: networks.robust, test))
    }
    let strong = DemoTrial(
      name: settings.strongAttack,
      meaning:
        "many small such steps, each from where the last one led, beginning at random points",
      threat: settings.threat,
      attack: PGD {
        $0.steps = settings.steps
        $0.stepSize = settings.stepSize
        $0.restarts = settings.restarts
      }, stated: ["steps"], settings: settings)
    let found = try await run(strong)

    let lengths = try changes(found.standard)
    let sorted = lengths.values.sorted()
    let median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    let medianText = Format.fixed(median, decimals: 2)
    let radii = RadiusFile(lengths, path: DemoFolder.radii)

    let noise = DemoTrial(
      name: "random noise, same L∞ size", meaning: "every pixel up or down by as much as allowed",
      threat: settings.threat, attack: RandomNoise(), settings: settings)
    let sameLength = DemoTrial(
      name: "random noise, same L2 size",
      meaning: "as long as the change that fools the standard network", threat: "l2:\(medianText)",
      attack: RandomNoise(), radii: radii, settings: settings)
    let step = DemoTrial(
      name: "FGSM",
      meaning: "one step of the full size in the direction in which the error grows fastest",
      threat: settings.threat, attack: FGSM(), settings: settings)

    var rows = [DemoRow(naturalOf: strong, found)]
    for trial in [noise, sameLength, step] { rows.append(DemoRow(trial, try await run(trial))) }
    rows.append(DemoRow(strong, found))
    return DemoTable(rows: rows, strong: found, radii: radii, medianRadius: medianText)
  }

  /// The Euclidean length of each change that was found.
  private static func changes(_ run: AttackRun) throws -> [Int: Double] {
    var lengths: [Int: Double] = [:]
    for (example, witness) in try run.broken() {
      lengths[example.index] = (witness.input - example.input).norm2
    }
    return lengths
  }

  /// The row of the strong attack.
  var strongRow: DemoRow { rows[rows.count - 1] }
  /// The row of the images as they are.
  var naturalRow: DemoRow { rows[0] }
  /// The row of the noise of the same length.
  var sameLengthRow: DemoRow { rows[2] }
}
