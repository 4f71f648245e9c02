public import Models
public import Robustness
import Tensors

/// Auto-PGD: projected ascent with momentum that halves its steps and returns to the best point where progress stalls.
///
/// z1 = step(z_t, g, eta); z_(t+1) = Proj(z_t + a (z1 - z_t) + (1 - a) (z_t - z_(t-1))) with a = 0.75 (1 at first),
/// eta = 2 eps at first. At checkpoints, after 22 % of the steps and then at intervals that shrink by 3 % down to 6 %,
/// eta is halved and z becomes the best point if fewer than 75 % of the steps since the last one were ascents, or if
/// neither eta nor the best loss has changed since then. For L1 see `SparseAscent`. With `targets` above zero it climbs
/// towards one rival class after the other, the largest outputs at the example first.
///
/// Croce and Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks",
/// 2020, https://arxiv.org/abs/2003.01690; for L1 "Mind the box: l1-APGD for sparse adversarial attacks on image
/// classifiers", 2021, https://arxiv.org/abs/2103.01208.
///
/// Where DLR is not defined (fewer than three classes, four with targets), and cross-entropy and DLR for goals that are
/// not about one class, the margin takes their place.
///
/// Cost: at most `steps` + 1 gradients for each target, and a forward pass to rank the targets. It stops where the
/// goal is reached. Guarantee: on affine two-class models, the best margin gain up to a factor of 1.05; none
/// for L1.
public struct APGD: ConfigurableAttack {
  /// The name on the command line.
  public static let name = "apgd"
  /// Gradients.
  public static let knowledge = Knowledge.gradients
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two, .one]

  /// The number of steps, for each target.
  public var steps = 100
  /// What to maximise.
  public var loss = Loss.crossEntropy
  /// The most classes to aim at, one after the other; 0 to climb away from the label.
  public var targets = 0
  /// How often to try.
  public var restarts = 1
  /// Whether a target is given up at a checkpoint where it would not be reached in time though the loss grew four times
  /// as fast as of late.
  ///
  /// Not for L1, and only for losses that are positive where the target is reached: the margin and DLR.
  public var givesUp = false

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .restarts(\.restarts), .objective(\.loss),
    .integer(
      "target-classes", \.targets, 0...1_000_000,
      "most classes to aim at, one after the other; 0 to climb away from the label"),
    .flag(
      "give-up", \.givesUp, "give up targets that would not be reached at four times their pace"),
  ]

  /// A gradient per step and one for the start, for each target; a forward pass to rank targets.
  public var budget: Passes {
    targets == 0
      ? .gradients(steps + 1)
      : .gradients(targets * (steps + 1)) + Passes(forward: 1)
  }

  /// Climbs each objective from a start of its own.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let norm = problem.threat.norm
    var best: Peak?
    for (turn, objective) in try await objectives(for: problem, using: oracle).enumerated() {
      var randomness = oracle.randomness("start \(turn)")
      let peak =
        norm == .one
        ? try await SparseAscent(steps: steps).climb(
          objective, in: problem, using: oracle, &randomness)
        : try await climb(objective, in: problem, using: oracle, &randomness)
      if peak.reachesGoal { return Candidate(peak.point) }
      if best.map({ peak.margin > $0.margin }) ?? true { best = peak }
    }
    return Candidate(try best?.point ?? problem.region.center)
  }

  private func objectives(
    for problem: Problem, using oracle: Oracle
  ) async throws -> [any Objective] {
    if targets == 0 {
      return [problem.objective(preferring: loss, outputCount: oracle.outputCount)]
    }
    let scores = try await oracle.scores(at: problem.region.center)
    return problem.objectives(loss, at: scores.outputs, limit: targets)
  }

  /// One ascent for norms whose steps are dense.
  private func climb(
    _ objective: any Objective, in problem: Problem, using oracle: Oracle,
    _ randomness: inout Philox
  ) async throws -> Peak {
    let region = try problem.region
    var z = start(in: region, problem.threat.norm, &randomness)
    var answer = try await oracle.gradient(at: z, of: objective)
    var peak = Peak(z, answer)
    if answer.reachesGoal { return peak }
    var gradient = answer.gradient
    var previous = z
    var stepSize = 2 * region.radius
    var checkpoints = Checkpoints(steps: steps, loss: answer.loss)
    let isInspected = givesUp && targets > 0 && loss != .crossEntropy
    var outlook = Outlook(start: answer.loss)
    for step in 0..<steps {
      var next = region.step(from: z, along: gradient, length: stepSize)
      if step > 0 { next = region.projection(of: carried(next, from: z, after: previous)) }
      (previous, z) = (z, next)
      answer = try await oracle.gradient(at: z, of: objective)
      if answer.reachesGoal { return Peak(z, answer) }
      gradient = answer.gradient
      if peak.isBelow(answer) { peak = Peak(z, answer) }
      guard checkpoints.isReached(by: answer.loss) else { continue }
      if isInspected, outlook.isHopeless(at: peak.loss, after: step + 1, of: steps) { return peak }
      if checkpoints.stalls(best: peak.loss) {
        stepSize /= 2
        (z, gradient) = (peak.point, peak.gradient)
      }
    }
    return peak
  }

  /// A point as far away as the threat allows, then cut by the bounds.
  private func start(
    in region: any FeasibleSet, _ norm: Norm?, _ randomness: inout Philox
  ) -> Tensor<Float> {
    let noise: Tensor<Float>
    let length: Double
    switch norm {
    case .infinity:
      noise = randomness.uniforms(region.center.shape).map { 2 * $0 - 1 }
      length = noise.normInfinity
    case .two:
      noise = randomness.normals(region.center.shape)
      length = noise.norm2
    default: return region.sample(using: &randomness)
    }
    let scale = length > 0 ? Float(region.radius / length) : 0
    return region.projection(of: region.center.zip(noise) { $0 + scale * $1 })
  }

  /// Three quarters of the way to the next point and one quarter of the last move.
  private func carried(
    _ next: Tensor<Float>, from z: Tensor<Float>, after previous: Tensor<Float>
  ) -> Tensor<Float> {
    next.withUnsafeScalars { next in
      z.withUnsafeScalars { here in
        previous.withUnsafeScalars { previous in
          Tensor(shape: z.shape) { target in
            for index in 0..<target.count {
              let value = here[index]
              target[index] =
                value + 0.75 * (next[index] - value) + 0.25 * (value - previous[index])
            }
          }
        }
      }
    }
  }
}
