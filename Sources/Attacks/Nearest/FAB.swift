public import Models
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
public struct FAB: ConfigurableAttack {
  /// The name on the command line.
  public static let name = "fab"
  /// Gradients.
  public static let knowledge = Knowledge.gradients
  /// The nearest point.
  public static let search = Search.nearest
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
      + NearestPoint.costOfDrawingBack
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
    if problem.question == .nearest { try await search.nearest.drawBack(using: oracle) }
    return Candidate(search.nearest.point)
  }
}
