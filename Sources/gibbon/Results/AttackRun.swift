import Datasets
import Diagnosis
import Engine
import Networks
import Robustness

/// One attack on a data set, and what came of it.
struct AttackRun: Sendable {
  /// What was asked for.
  let request: Request
  /// The examples that were attacked, which are all but those already of the target class.
  let data: [Example]
  /// What came of each.
  let outcomes: [Outcome]
  /// Duration of the work, without start-up.
  let seconds: Double
  /// Which algorithms computed the network.
  let algorithms: Algorithms
  /// What the examination before found.
  var findings: [Finding] = []

  /// What to do.
  struct Request: Sendable {
    var model: String
    var network: Network
    var data: Dataset
    var threat: ThreatReference
    var target: Int?
    var attack: any Attack
    var attackDescription: String
    /// Radii of single examples, instead of the threat's.
    var radii: RadiusFile?
    /// The values that changed inputs may have, if they are rounded.
    var levels: Levels?
    var seed: UInt64
    var batch: Int
    /// How algorithms are chosen.
    var algorithms = Algorithms.Policy.fastest
    /// What to call the work while it is under way.
    var title = "attack"

    /// What may change, in words.
    var threatDescription: String {
      let ball =
        radii.map { "\(threat), or the radius that \($0.path) gives an example" }
        ?? threat.description
      return levels.map { "\(ball), rounded to \($0.values.count) levels" } ?? ball
    }
  }

  /// Runs the attack.
  static func perform(_ request: Request) async throws -> AttackRun {
    let model = try CompiledNetwork(request.network, algorithms: request.algorithms)
    return try await perform(request, on: model)
  }

  /// Makes sure that the parts of a request fit one another.
  ///
  /// - Throws: `BadArgument` that says what does not.
  static func check(_ request: Request) throws {
    let network = request.network
    try request.data.check(fits: network, called: request.model)
    let classes = max(2, network.outputCount)
    if let target = request.target, !(0..<classes ~= target) {
      throw BadArgument("--target is \(target); expected 0 to \(classes - 1)")
    }
  }

  /// Runs the attack on a network that is compiled already.
  static func perform(_ request: Request, on model: CompiledNetwork) async throws -> AttackRun {
    try check(request)
    let network = request.network
    let bounds = try Bounds(network.input.lowerBound...network.input.upperBound)
    let common = try request.threat.ball(bounds: bounds)
    let examples = try request.data.examples.filter { $0.label != request.target }
    guard !examples.isEmpty else {
      throw BadArgument(
        "\(request.data.name): all examples are of class \(request.target ?? 0) already; "
          + "expected some that are not, with --target \(request.target ?? 0)")
    }
    let start = ContinuousClock.now
    let problems = try examples.map { example in
      let ball = try request.radii?.radii[example.index].map {
        try Ball(common.norm, radius: $0, bounds: bounds)
      }
      let threat = ball ?? common
      return try Problem(
        index: example.index, input: example.input, label: example.label,
        threat: request.levels.map { LeveledBall(threat, levels: $0) } ?? threat,
        goal: request.target.map { .reach($0) } ?? .avoid(example.label))
    }
    let shell = Shell(model: model, batch: request.batch, seed: request.seed)
    let line = ProgressLine(request.title, of: problems.count, "examples")
    defer { line.finish() }
    let outcomes = try await shell.run(request.attack, on: problems) { done, _ in line.show(done) }
    return AttackRun(
      request: request, data: examples, outcomes: outcomes,
      seconds: (ContinuousClock.now - start).seconds, algorithms: model.algorithms)
  }

  /// Share of examples classified rightly as they are.
  var clean: Proportion {
    Proportion(outcomes.count { $0.prediction == $0.label }, of: outcomes.count)
  }

  /// Share of examples classified rightly and not broken.
  var robust: Proportion {
    Proportion(outcomes.count { isRobust($0) }, of: outcomes.count)
  }

  /// Whether an example is classified rightly and was not broken.
  func isRobust(_ outcome: Outcome) -> Bool {
    outcome.prediction == outcome.label && outcome.robust
  }

  /// Evaluations in total.
  var passes: Passes { outcomes.reduce(.zero) { $0 + $1.passes } }

  /// Rows on which the attack itself failed.
  var failures: [Outcome] { outcomes.filter { $0.failure != nil } }
}
