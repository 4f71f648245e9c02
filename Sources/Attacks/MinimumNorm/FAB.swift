public import Robustness
import Tensors

/// The fast adaptive boundary attack, for L-infinity, L2 and L1.
///
/// Each iteration linearises the lead g(x) = f_s(x) - f_y(x) of another class s at the last point x and projects onto the
/// hyperplane g = 0 within the bounds, in the threat's norm, both from x and from the example x_0, giving the moves d
/// and d_0. It goes to clip((1 - a) (x + eta d) + a (x_0 + eta d_0)) with a = min(|d| / (|d| + |d_0|), a_max), and from
/// there, where the goal is reached, back to (1 - beta) x_0 + beta x. Targeted (FAB-T) each of the nearest classes is s in
/// turn; untargeted, s is at each iteration the class whose hyperplane is nearest. Starts after the first are random
/// points at half the smallest distance so far, or at half the radius where that is less. In the end the nearest point is
/// drawn toward the example as far as the goal stays reached.
///
/// Croce and Hein, "Minimally distorted adversarial examples with a fast adaptive boundary attack", 2020,
/// https://arxiv.org/abs/1907.02044; FAB-T as in https://arxiv.org/abs/2003.01690.
///
/// Cost: a gradient per step, target and start, and a forward pass where the step before reached the goal; where it did
/// not, the gradient tells as well, and is spent in vain if this one does. Untargeted, a gradient per class instead of per
/// target, and always a forward pass. Where only the radius is in question, it ends as soon as a point inside was seen.
/// Guarantee: on affine models within 5 % of the smallest distance.
public struct FAB: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "fab"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two, .one]

  /// The number of iterations per target and start.
  public var steps = 100
  /// How many of the nearest classes are attacked, one after the other; 0 for the untargeted form.
  public var targets = 9
  /// How many classes the untargeted form compares at each iteration, the nearest by their outputs.
  public var rivals = 9
  /// The number of starts per target, the first at the example itself.
  public var starts = 1
  /// After how many iterations, again and again, a start is inspected where only the radius is in question; 0 for never.
  ///
  /// It is given up if it would not be inside in time though it came nearer four times as fast as since the inspection
  /// before.
  public var patience = 0
  /// From how many radii on a hyperplane is out of reach: a start is given up where those of its first five iterations
  /// all are, and only the radius is in question; 0 for never.
  public var reach = 0.0
  /// The largest weight of the move that begins at the example, a_max.
  public var bias = 0.1
  /// The factor by which moves are made longer, eta.
  public var overshoot = 1.05
  /// The share of the distance kept where the goal is reached, beta.
  public var retreat = 0.9

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps),
    .integer(
      "target-classes", \.targets, 0...1_000_000,
      "how many of the nearest classes are attacked one by one; 0 for all at once"),
    .rivals(\.rivals), .restarts(\.starts), .patience(\.patience),
    .number(
      "reach", \.reach, 0...1e30,
      "radii from which on a class is too far away to be attacked further; 0 for never"),
  ]

  /// What all iterations of all starts cost at most.
  public var budget: Passes {
    let runs = starts * max(targets, 1)
    // A gradient in vain is followed by a step without one.
    let gradients = targets == 0 ? steps * rivals : steps + (steps + 1) / 2
    return .gradients(runs * gradients) + Passes(forward: runs * steps + 1)
      + NearestPoint.costOfSection
  }

  /// Goes back and forth across the boundary.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    var search = try FABSearch(self, problem, oracle)
    let outputs = try await oracle.scores(at: problem.domain.center).outputs
    let ways: [(any Objective)?] =
      targets == 0
      ? [nil] : problem.goal.alternatives(at: outputs, limit: targets).map(\.objective)
    for way in ways {
      for start in 0..<starts {
        try await search.run(toward: way, start: start, outputs: outputs)
        if oracle.isSolved { return Candidate(search.nearest.point) }
      }
    }
    if !problem.earlyStopping { try await search.nearest.drawBack(using: oracle) }
    return Candidate(search.nearest.point)
  }
}

/// The iterations of `FAB` on one example.
struct FABSearch {
  /// The nearest point at which the goal was reached.
  var nearest: NearestPoint

  private let attack: FAB
  private let problem: Problem
  private let oracle: Oracle
  private let domain: any FeasibleSet
  private let norm: Norm
  private let radius: Double
  private let plane: Hyperplane
  private var randomness: Philox

  init(_ attack: FAB, _ problem: Problem, _ oracle: Oracle) throws {
    self.attack = attack
    self.problem = problem
    self.oracle = oracle
    domain = try problem.domain
    norm = try problem.norm
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
    domain.hull.projection(of: domain.center.interpolated(to: x, by: Float(attack.retreat)))
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
    guard problem.earlyStopping else { return false }
    if attack.reach > 0, steps >= 5, leastReach > attack.reach * radius { return true }
    guard attack.patience > 0, steps % attack.patience == 0 else { return false }
    pace = Pace(before: pace.last, last: smallest)
    guard pace.before.isFinite else { return smallest == .infinity && steps >= 3 * attack.patience }
    let left = Double(attack.steps - steps) / Double(attack.patience)
    return smallest * Double.pow(pace.last / pace.before, 4 * left) > radius
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
    let noise = norm.noise(ofSize: 0.5 * size, domain.center.shape, using: &randomness)
    return domain.hull.projection(of: domain.center + noise)
  }
}
