import Platform
import Robustness
import Tensors

/// The iterations of `FAB` on one example.
struct FABSearch {
  /// The nearest point at which the goal was reached.
  var nearest: NearestPoint

  private let attack: FAB
  private let problem: Problem
  private let oracle: Oracle
  private let domain: any FeasibleSet
  private let radius: Double
  private let plane: Hyperplane
  private var randomness: Philox

  init(_ attack: FAB, _ problem: Problem, _ oracle: Oracle) throws {
    self.attack = attack
    self.problem = problem
    self.oracle = oracle
    domain = try problem.domain
    radius = try problem.region.radius
    plane = try Hyperplane(problem)
    randomness = oracle.randomness("start")
    nearest = NearestPoint(domain)
  }

  /// A lead at a point, linearised.
  private struct Linearization {
    let gradient: Tensor<Float>
    let value: Double
    let outputs: Tensor<Float>
    let reachesGoal: Bool
  }

  /// All iterations of one start; the way is `nil` for the nearest one at each of them.
  mutating func run(
    toward way: (any Objective)?, start: Int, outputs: Tensor<Float>
  ) async throws {
    var x = start == 0 ? domain.center : randomPoint()
    guard var lead = try await linearization(at: x, of: way, outputs) else { return }
    // A random start may lie behind the boundary.
    if lead.reachesGoal { nearest.note(x) }
    var smallest = Double.infinity
    var pace = Pace()
    var leastReach = Double.infinity
    var reachedGoal = false
    for step in 0..<attack.steps {
      if oracle.isSolved { return }
      let next = plane.step(
        from: x, along: lead.gradient, by: -lead.value, bias: attack.bias,
        overshoot: attack.overshoot)
      // Without a slope nothing moves, now or later.
      if next.point == x { return }
      x = next.point
      leastReach = min(leastReach, next.distance)
      // Where the goal is not reached the gradient that tells is that of the next step.
      let isLast = step == attack.steps - 1
      var known: Linearization?
      if reachedGoal || isLast || way == nil {
        reachedGoal = try await oracle.scores(at: x).reachesGoal
      } else {
        known = try await linearization(at: x, of: way, lead.outputs)
        reachedGoal = known?.reachesGoal ?? false
      }
      if reachedGoal {
        let distance = nearest.note(x)
        if oracle.isSolved { return }
        smallest = min(smallest, distance)
        x = retreat(from: x)
        known = nil
      }
      if isLast || isHopeless(after: step + 1, smallest, leastReach, &pace) { return }
      if known == nil { known = try await linearization(at: x, of: way, lead.outputs) }
      guard let known else { return }
      lead = known
      // What is still behind the boundary is nearer than what was noted.
      if lead.reachesGoal { nearest.note(x) }
    }
  }

  /// The point a share of the way from the example.
  private func retreat(from x: Tensor<Float>) -> Tensor<Float> {
    let share = Float(attack.retreat)
    return domain.hull.projection(
      of: domain.center.zip(x) { center, point in center + share * (point - center) })
  }

  /// The smallest distances of a start at its last two inspections.
  private struct Pace {
    var before = Double.infinity
    var last = Double.infinity
  }

  /// Whether a start is to be given up: its hyperplanes are out of reach, or it will not be inside in time if it comes
  /// nearer four times as fast as between the last inspections.
  private func isHopeless(
    after steps: Int, _ smallest: Double, _ leastReach: Double, _ pace: inout Pace
  ) -> Bool {
    guard problem.question == .inside else { return false }
    if attack.reach > 0, steps >= 5, leastReach > attack.reach * radius { return true }
    guard attack.patience > 0, steps % attack.patience == 0 else { return false }
    pace = Pace(before: pace.last, last: smallest)
    guard pace.before.isFinite else { return smallest == .infinity && steps >= 3 * attack.patience }
    let left = Double(attack.steps - steps) / Double(attack.patience)
    return smallest * pow(pace.last / pace.before, 4 * left) > radius
  }

  /// The lead at a point of the given way, or of that whose hyperplane is nearest; `nil` if there is no way.
  private func linearization(
    at x: Tensor<Float>, of way: (any Objective)?, _ outputs: Tensor<Float>
  ) async throws -> Linearization? {
    if let way {
      let answer = try await oracle.gradient(at: x, of: way)
      return Linearization(
        gradient: answer.gradient, value: answer.loss, outputs: answer.outputs,
        reachesGoal: answer.reachesGoal)
    }
    var best: (lead: Linearization, distance: Double)?
    for rival in problem.goal.alternatives(at: outputs, limit: attack.rivals) {
      let answer = try await oracle.gradient(at: x, of: rival.objective)
      // As if there were no bounds, like the authors' code: with them what is chosen came less near.
      let distance = plane.distance(along: answer.gradient, by: answer.loss.magnitude)
      guard best.map({ distance < $0.distance }) ?? true else { continue }
      let lead = Linearization(
        gradient: answer.gradient, value: answer.loss, outputs: answer.outputs,
        reachesGoal: answer.reachesGoal)
      best = (lead, distance)
    }
    return best?.lead
  }

  /// A random point at half the smallest distance, or at half the radius where that is less: what is searched for the
  /// nearest point breaks all within the radius that a search of the radius alone would.
  private mutating func randomPoint() -> Tensor<Float> {
    let size =
      radius > 0 || !nearest.isFound ? min(nearest.distance, radius) : nearest.distance
    let noise: Tensor<Float>
    let length: Double
    switch problem.threat.norm {
    case .infinity:
      noise = randomness.uniforms(domain.center.shape).map { 2 * $0 - 1 }
      length = noise.normInfinity
    case .one:
      noise = randomness.normals(domain.center.shape)
      length = noise.norm1
    default:
      noise = randomness.normals(domain.center.shape)
      length = noise.norm2
    }
    let scale = Float(0.5 * size / max(length, .leastNormalMagnitude))
    return domain.hull.projection(of: domain.center + scale * noise)
  }
}
