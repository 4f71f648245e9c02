public import Robustness
import Tensors

/// The multi-targeted attack: projected ascent towards one class after the other, by differences of outputs.
///
/// For each target t, those nearest at the example first: `PGD` on z_t - z_y, which has no kinks where the strongest
/// rival changes, unlike the margin. For goals that are not about missing a class it climbs the margin of each
/// alternative.
///
/// Gowal, Uesato, Qin, Huang, Mann and Kohli, "An alternative surrogate loss for PGD-based adversarial testing", 2019,
/// https://arxiv.org/abs/1910.09338.
///
/// Cost: at most `steps` gradients and one forward pass for each target, and one forward pass to rank them. It stops
/// where the goal is reached. Guarantee: on affine two-class models, the best margin gain up to a factor of 1.05 with
/// the standard options.
public struct MultiTargeted: GradientAttack {
  /// The name on the command line.
  public static let name = "multi-targeted"

  /// The number of steps for each target.
  public var steps = 40
  /// The length of a step in the threat's norm; `nil` for 2.5 radii divided by the number of steps.
  public var stepSize: Double?
  /// The most classes to aim at.
  public var targets = 9
  /// How often to try all of them.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .stepSize(\.stepSize, .radiiPerStep(2.5)), .restarts(\.restarts),
    .integer(
      "target-classes", \.targets, 1...1_000_000, "most classes to aim at, one after the other"),
  ]

  /// A gradient per step and a forward pass for each target; a forward pass to rank them.
  public var budget: Passes {
    .gradients(targets * steps) + Passes(forward: targets + 1)
  }

  /// Climbs towards each class.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let region = try problem.region
    let outputs = try await oracle.scores(at: region.center).outputs
    let objectives = problem.objectives(.margin, at: outputs, limit: targets)
    let ascent = PGD {
      $0.steps = steps
      $0.stepSize = stepSize
    }
    var best = region.center
    var margin = -Double.infinity
    for (turn, objective) in objectives.enumerated() {
      let z = try await ascent.climb(
        objective, in: region, using: oracle, oracle.randomness("start \(turn)")
      ).z
      let scores = try await oracle.scores(at: z)
      if scores.margin > margin { (best, margin) = (z, scores.margin) }
      if scores.reachesGoal { break }
    }
    return Candidate(best)
  }
}
