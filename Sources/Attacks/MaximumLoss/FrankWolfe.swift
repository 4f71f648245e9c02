public import Robustness
import Tensors

/// The Frank-Wolfe method: each step goes toward the best point of the linearised loss.
///
/// m <- beta m + (1 - beta) g; s = argmax over s in P(x) of <m, s>; z <- z + gamma (s - z), from x, with gamma =
/// 2 / (t + 2), t from 0, unless it is given. No point leaves the threat, so nothing is projected but rounding.
///
/// Chen, Zhou, Yi and Gu, "A Frank-Wolfe framework for efficient and effective adversarial attacks", 2020,
/// https://arxiv.org/abs/1811.10828.
///
/// Where the objective is not defined the margin takes its place; see `APGD`. L0 balls are not convex: there the point
/// between is projected.
///
/// Cost: at most `steps` gradients; it stops where the goal is reached. Guarantee: on affine two-class models, the best
/// margin gain up to a factor of 1.05 with the standard options.
public struct FrankWolfe: GradientAttack {
  /// The name on the command line.
  public static let name = "frank-wolfe"

  /// The number of steps.
  public var steps = 20
  /// The share gamma of the way that each step goes, up to 1; `nil` for 2 / (t + 2).
  public var share: Double?
  /// The share beta of past gradients kept at each step, below 1.
  public var momentum = 0.0
  /// What to maximise.
  public var loss = Loss.crossEntropy

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps),
    .number(
      "share", \.share, 0...1, "share of the way to the best point that each step goes",
      rule: .words("2 / (t + 2) in step t, from 0")),
    .number(
      "momentum", \.momentum, 0...0.999_999,
      "share of past gradients in the mean that steps follow"),
    .objective(\.loss),
  ]

  /// A gradient per step.
  public var budget: Passes { .gradients(steps) }

  /// Goes from best point to best point.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = problem.objective(preferring: loss, outputCount: oracle.outputCount)
    let region = try problem.region
    let kept = Float(momentum)
    var slope: Tensor<Float>?
    var z = region.center
    for step in 0..<steps {
      let answer = try await oracle.gradient(at: z, of: objective)
      if answer.reachesGoal { break }
      let mean = slope?.blended(with: answer.gradient, share: kept) ?? answer.gradient
      slope = mean
      let share = Float(share ?? 2 / Double(step + 2))
      // Rounding may leave the set by a hair, which the runner would not forgive.
      z = region.projection(
        of: z.interpolated(to: region.maximizer(of: mean), by: share))
    }
    return Candidate(z)
  }
}
