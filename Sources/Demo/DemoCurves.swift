import Attacks
import Datasets
import Robustness
import Studies
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
    let shell = Shell(model: subject.compiled, seed: settings.seed)
    let line = settings.observer.begin(
      "the \(subject.name) network's curve: radius", of: settings.radii.count, "")
    let breakages = try await shell.breakages(
      by: PGD { $0.steps = settings.curveSteps }, radii: settings.radii, count: examples.count,
      progress: { line.show($0) },
      problem: { try $1.problem(examples[$0]) })
    var noisy: [Double] = []
    for radius in [0] + settings.radii {
      let outcomes = try await shell.run(
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
