public import Robustness
import Tensors

/// DeepFool: step after step onto the nearest face of the linearised region of the example's class.
///
/// d <- d + the smallest move, in the threat's norm and within the bounds, from x to the nearest of the hyperplanes g_k = 0,
/// with g_k = f_k - f_y linearised at x over the other classes k. All moves together are made longer by the overshoot
/// eta, x = clip(x_0 + (1 + eta) d), until x reaches the goal.
///
/// Moosavi-Dezfooli, Fawzi and Frossard, "DeepFool: a simple and accurate method to fool deep neural networks", 2016,
/// https://arxiv.org/abs/1511.04599; the nearest move within the bounds takes the place of clipping.
///
/// Cost: at most `steps` times `rivals` gradients and a forward pass; it ends at the first point that reaches the goal.
/// Guarantee: on affine models the smallest distance times 1 + eta.
public struct DeepFool: Attack {
  /// The name on the command line.
  public static let name = "deepfool"
  /// Gradients.
  public static let knowledge = Knowledge.gradients
  /// The nearest point.
  public static let search = Search.nearest

  /// The most steps.
  public var steps: Int
  /// How many classes are compared at each step, the nearest by their outputs.
  public var rivals: Int
  /// By what share all moves are made longer, eta.
  public var overshoot: Double

  /// Creates the attack.
  public init(steps: Int = 50, rivals: Int = 9, overshoot: Double = 0.02) {
    self.steps = steps
    self.rivals = rivals
    self.overshoot = overshoot
  }

  /// A gradient per step and class.
  public var budget: Passes { .gradients(steps * rivals) + Passes(forward: 1) }

  /// Steps until the goal is reached.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let plane = try Hyperplane(problem, attack: Self.name)
    let domain = try problem.domain
    var moved = domain.center
    var x = domain.center
    var outputs = try await oracle.scores(at: x).outputs
    for _ in 0..<steps {
      var nearest: (move: Tensor<Float>, size: Double)?
      for rival in problem.goal.alternatives(at: outputs, limit: rivals) {
        let answer = try await oracle.gradient(at: x, of: rival.objective)
        if answer.reachesGoal { return Candidate(x) }
        outputs = answer.outputs
        let way = plane.move(from: x, along: answer.gradient, by: -answer.loss)
        if way.size > 0, way.size < nearest?.size ?? .infinity { nearest = way }
      }
      guard let nearest else { break }
      moved = domain.hull.projection(of: moved + nearest.move)
      let longer = Float(1 + overshoot)
      x = domain.hull.projection(
        of: domain.center.zip(moved) { center, point in center + longer * (point - center) })
    }
    return Candidate(x)
  }
}
