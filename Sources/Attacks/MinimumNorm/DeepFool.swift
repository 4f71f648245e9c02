public import Robustness
import Tensors

/// DeepFool: step after step onto the nearest face of the linearised region of the example's class.
///
/// d <- d + the move from x to the nearest of the hyperplanes g_k = 0, with g_k = f_k - f_y linearised at x over the
/// other classes k: as long as it would be without the bounds in the threat's norm, then cut by them, and never shorter
/// than a quarter of eta times the distance so far. All moves together are made longer by the overshoot eta,
/// x = clip(x_0 + (1 + eta) d), until x reaches the goal. In the last fifth of the steps a move is the smallest that
/// reaches the hyperplane within the bounds, however long.
///
/// Moosavi-Dezfooli, Fawzi and Frossard, "DeepFool: a simple and accurate method to fool deep neural networks", 2016,
/// https://arxiv.org/abs/1511.04599; it knows neither bounds nor the least length of a move, without which moves that
/// the bounds cut would come to the boundary more and more slowly.
///
/// Cost: at most `steps` times `rivals` gradients and a forward pass; it ends at the first point that reaches the goal.
/// Guarantee: on affine models within 5 % of the smallest distance, with the standard options.
public struct DeepFool: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "deepfool"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two, .one]

  /// The most steps.
  public var steps = 50
  /// How many classes are compared at each step, the nearest by their outputs.
  public var rivals = 9
  /// By what share all moves are made longer, eta.
  public var overshoot = 0.02

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .rivals(\.rivals),
    .number("overshoot", \.overshoot, 0...1e6, "share by which the move is made longer"),
  ]

  /// A gradient per step and class.
  public var budget: Passes { .gradients(steps * rivals) + Passes(forward: 1) }

  /// Steps until the goal is reached.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let plane = try Hyperplane(problem)
    let domain = try problem.domain
    var moved = domain.center
    var x = domain.center
    var outputs = try await oracle.scores(at: x).outputs
    for step in 0..<steps {
      // A tie of outputs is not beyond the boundary yet.
      func rise(_ answer: Answer) -> Double { max(-answer.loss, 0) + 1e-6 }
      let face = try await problem.nearestFace(at: x, &outputs, rivals, oracle) {
        plane.distance(along: $0.gradient, by: rise($0))
      }
      guard let face else { break }
      if face.answer.reachesGoal { return Candidate(x) }
      let slopes = face.answer.gradient
      let next: Tensor<Float>
      // A move within the bounds can be long, and trusts the slopes far away: only where nothing else has helped.
      if step < steps - steps / 5 {
        let length = max(face.distance, overshoot / 4 * domain.distance(of: x))
        next = domain.step(from: x, along: slopes, length: length)
      } else {
        next = x + plane.move(from: x, along: slopes, by: rise(face.answer)).move
      }
      moved = domain.hull.projection(of: moved + (next - x))
      x = domain.hull.projection(
        of: domain.center.interpolated(to: moved, by: Float(1 + overshoot)))
    }
    return Candidate(x)
  }
}

extension Problem {
  /// What the model says of the alternative whose linearised boundary is nearest to a point.
  ///
  /// - Parameters:
  ///   - x: The point.
  ///   - outputs: The last outputs known, by which the alternatives are ranked; those at the point then.
  ///   - limit: How many alternatives are compared.
  ///   - oracle: The model.
  ///   - distance: How far the boundary of an answer is.
  /// - Returns: The answer and the distance; an answer that reaches the goal as soon as there is one; `nil` where no
  ///   boundary is at a finite distance.
  /// - Throws: What the oracle throws.
  func nearestFace(
    at x: Tensor<Float>, _ outputs: inout Tensor<Float>, _ limit: Int, _ oracle: Oracle,
    distance: (Answer) -> Double
  ) async throws -> (answer: Answer, distance: Double)? {
    var nearest: (answer: Answer, distance: Double)?
    for way in goal.alternatives(at: outputs, limit: limit) {
      let answer = try await oracle.gradient(at: x, of: way.objective)
      let distance = distance(answer)
      if answer.reachesGoal { return (answer, distance) }
      outputs = answer.outputs
      if distance < nearest?.distance ?? .infinity { nearest = (answer, distance) }
    }
    return nearest
  }
}
