import Attacks
import Datasets
import Reports
import Robustness
import Studies
import Tensors

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
    for (example, adversarialExample) in try run.broken() {
      lengths[example.index] = (adversarialExample.input - example.input).norm2
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

/// Accuracy against the radius, under attack and under noise.
struct DemoCurves: Sendable {
  let radii: [Double]
  let count: Int
  /// The share still read rightly at each radius under attack.
  let attacked: Pair<[Double]>
  /// The share read rightly at each radius under random noise.
  let noisy: Pair<[Double]>
  /// The first radius at which each image was broken.
  let breakages: Pair<[Breakage?]>

  /// Draws the curves of both networks on the first test images.
  static func measure(
    _ networks: Pair<DemoNetwork>, on test: Dataset, _ settings: DemoSettings
  ) async throws -> DemoCurves {
    let examples = try test.subset(offset: 0, count: settings.curveCount).examples
    let standard = try await one(networks.standard, examples, settings)
    let robust = try await one(networks.robust, examples, settings)
    let radii = [0] + settings.radii
    func shares(_ breakages: [Breakage?]) -> [Double] {
      radii.map { radius in
        let held = breakages.count { $0.map { $0.radius > radius } ?? true }
        return Double(held) / Double(examples.count)
      }
    }
    return DemoCurves(
      radii: radii, count: examples.count,
      attacked: Pair(shares(standard.breakages), shares(robust.breakages)),
      noisy: Pair(standard.noisy, robust.noisy),
      breakages: Pair(standard.breakages, robust.breakages))
  }

  private static func one(
    _ subject: DemoNetwork, _ examples: [Example], _ settings: DemoSettings
  ) async throws -> (breakages: [Breakage?], noisy: [Double]) {
    let runner = AttackRunner(model: subject.compiled, seed: settings.seed)
    let line = settings.observer.begin(
      "the \(subject.name) network's curve: radius", of: settings.radii.count, "")
    let breakages = try await runner.breakages(
      by: PGD { $0.steps = settings.curveSteps }, radii: settings.radii, count: examples.count,
      progress: { line.show($0) },
      problem: { try $1.problem(examples[$0]) })
    var noisy: [Double] = []
    for radius in [0] + settings.radii {
      let outcomes = try await runner.run(
        RandomNoise(), on: examples.map { try radius.problem($0) })
      noisy.append(Double(outcomes.count { $0.robust }) / Double(examples.count))
    }
    line.finish()
    return (breakages, noisy)
  }
}

extension Double {
  /// The problem of an image whose pixels may each move by at most this much.
  func problem(_ example: Example) throws -> Problem {
    try Problem(
      index: example.index, input: example.input, label: example.label,
      threat: Ball(.infinity, radius: self))
  }
}
