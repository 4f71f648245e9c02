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
public struct APGD: GradientAttack {
  /// The name on the command line.
  public static let name = "apgd"
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
    let noise = try problem.norm.noise(
      ofSize: region.radius, region.center.shape, using: &randomness)
    // A point as far away as the threat allows, then cut by the bounds.
    var z = region.projection(of: region.center + noise)
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
      if step > 0 {
        // Three quarters of the way to the next point and one quarter of the last move.
        next = region.projection(
          of: z.zip(next, previous) { $0 + 0.75 * ($1 - $0) + 0.25 * ($0 - $2) })
      }
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
}

/// The ascent of L1-APGD: signs of the steepest coordinates, in balls that shrink to the threat.
///
/// z <- Proj(z + eta sign(s) / ||sign(s)||_1), where s keeps the k steepest coordinates of the gradient among those
/// that are not at the end of the box already. At checkpoints, every 4 % of the steps, k becomes two thirds, rounded
/// down, of the number of coordinates that the best point changes; where that number fell by more than 5 % the step
/// returns to eps and z to the best point, else the step shrinks by 1.5, down to eps / 10. The balls have the radii
/// 3 eps and 2 eps for 30 % of the steps each, then eps; each ascent begins at the projection of the last one's best
/// point.
///
/// Croce and Hein, "Mind the box: l1-APGD for sparse adversarial attacks on image classifiers", 2021,
/// https://arxiv.org/abs/2103.01208. There s also keeps coordinates without room, whose share of a step is lost.
///
/// Cost: `steps` + 1 gradients; the gradient at the start of the second and the third ball is one of its steps.
struct SparseAscent {
  let steps: Int

  /// Climbs one objective.
  ///
  /// - Returns: The best point of the threat, or one that reaches the goal there.
  func climb(
    _ objective: any Objective, in problem: Problem, using oracle: Oracle,
    _ randomness: inout Philox
  ) async throws -> Peak {
    let threat = try problem.region
    var balls = [(region: threat, gradients: steps + 1)]
    // With fewer steps than that the larger balls would leave none for the threat.
    if steps >= 10, let twice = problem.threat.scaled(by: 2),
      let thrice = problem.threat.scaled(by: 3)
    {
      let part = (3 * steps + 9) / 10
      balls = [
        (try thrice.region(around: problem.input), part + 1),
        (try twice.region(around: problem.input), part), (threat, steps - 2 * part),
      ]
    }
    let noise = randomness.normals(threat.center.shape)
    var z = balls[0].region.projection(of: threat.center + noise)
    var peak: Peak?
    for (stage, ball) in balls.enumerated() {
      let isThreat = stage == balls.count - 1
      let end = try await climb(
        objective, from: ball.region.projection(of: z), in: ball.region, ball.gradients,
        within: isThreat ? nil : threat, using: oracle, isFirst: balls.count == 1)
      if end.reachesGoal, isThreat || threat.contains(end.point) { return end }
      z = end.point
      peak = end
    }
    guard let peak else { preconditionFailure("there is at least one ball") }
    return peak
  }

  /// One ascent in one ball; `threat` is where reaching the goal counts, if not in all of it, and `isFirst` says that
  /// it begins at noise, so that the point does not tell how many coordinates to change.
  private func climb(
    _ objective: any Objective, from start: Tensor<Float>, in region: any FeasibleSet,
    _ gradients: Int, within threat: (any FeasibleSet)?, using oracle: Oracle, isFirst: Bool
  ) async throws -> Peak {
    func isEnd(_ z: Tensor<Float>, _ answer: Answer) -> Bool {
      answer.reachesGoal && (threat?.contains(z) ?? true)
    }
    let count = region.center.count
    var z = start
    var answer = try await oracle.gradient(at: z, of: objective)
    var peak = Peak(z, answer)
    if isEnd(z, answer) { return peak }
    var gradient = answer.gradient
    var stepSize = region.radius
    var changed = isFirst ? count : changes(of: z, from: region.center)
    var moving = isFirst ? count / 5 : 2 * changed / 3
    let interval = max(4 * (gradients - 1) / 100, 1)
    for step in 1..<max(gradients, 1) {
      z = stepped(from: z, along: gradient, moving: moving, length: stepSize, in: region)
      answer = try await oracle.gradient(at: z, of: objective)
      if isEnd(z, answer) { return Peak(z, answer) }
      gradient = answer.gradient
      if peak.isBelow(answer) { peak = Peak(z, answer) }
      guard step % interval == 0 else { continue }
      let now = changes(of: peak.point, from: region.center)
      moving = 2 * now / 3
      if Double(now) < 0.95 * Double(changed) {
        stepSize = region.radius
        (z, gradient) = (peak.point, peak.gradient)
      } else {
        stepSize = max(stepSize / 1.5, region.radius / 10)
      }
      changed = now
    }
    return peak
  }

  /// Moves so many coordinates, the steepest that have room, by equal lengths that add up to `length`.
  private func stepped(
    from z: Tensor<Float>, along gradient: Tensor<Float>, moving count: Int, length: Double,
    in region: any FeasibleSet
  ) -> Tensor<Float> {
    let slopes = self.slopes(gradient, withRoomAt: z, in: region.hull)
    let threshold = slopes.magnitude(ofRank: max(count, 1))
    let moving = slopes.scalars.count { $0 != 0 && $0.magnitude >= threshold }
    guard moving > 0 else { return z }
    let size = Float(length / Double(moving))
    return region.projection(
      of: z.zip(slopes) { value, slope in
        guard slope.magnitude >= threshold, slope != 0 else { return value }
        return slope > 0 ? value + size : value - size
      })
  }

  /// A gradient without the coordinates that are at the end of the box already; NaN is none either.
  private func slopes(
    _ gradient: Tensor<Float>, withRoomAt z: Tensor<Float>, in box: Box
  ) -> Tensor<Float> {
    gradient.zip(z, box.lower, box.upper) { slope, value, lower, upper in
      (slope > 0 && value < upper) || (slope < 0 && value > lower) ? slope : 0
    }
  }

  /// The number of coordinates in which two points differ.
  private func changes(of point: Tensor<Float>, from center: Tensor<Float>) -> Int {
    Int(point.sum(with: center) { $0 == $1 ? 0 : 1 })
  }
}
