public import Models
public import Robustness
import Tensors

/// The attack of Carlini and Wagner, for L2, L-infinity and L0.
///
/// L2: Adam minimises |x - x_0|^2 + c max(-m(x), -kappa) over w, where x = bounds of (1 + tanh w) / 2 and m is the margin of
/// the goal. c is multiplied by 10 until the goal is reached and then halves the interval between the largest constant
/// that failed and the smallest that did not. In the end the nearest point is drawn toward the example as far as the goal
/// stays reached, unless a confidence is asked for.
///
/// L-infinity: Adam minimises c max(-m(x), -kappa) + the sum of max(|x_i - x_0i| - tau, 0), going on from the last point,
/// with tau 0.9 times the smallest distance so far. A minimisation ends where the goal is reached within tau; after one
/// that found nothing nearer c is doubled, or multiplied by 10 while nothing was found at all. Where that is of no use the
/// factor becomes 0.95 and then 0.97, with the last c that was.
///
/// L0: the L2 attack, c growing until the goal is reached, on fewer and fewer pixels: a fifth of those that it moved is taken
/// out, those with the least g_i d_i, with the gradient g of the margin and the move d; where the attack then fails, a
/// quarter as many, one at least.
///
/// Lengths are in units of the data's range. For L2 and L0 a minimisation ends early where a tenth of its steps has not
/// lowered the loss.
///
/// Carlini and Wagner, "Towards evaluating the robustness of neural networks", 2017,
/// https://arxiv.org/abs/1608.04644.
///
/// Cost: at most a gradient per step and constant; for L-infinity per step and minimisation, 64 of them at most; for L0
/// per set of pixels too, at most 64. Guarantee: on affine models within 5 % of the smallest distance, except for L0.
public struct CarliniWagner: ConfigurableAttack {
  /// The name on the command line.
  public static let name = "cw"
  /// Gradients.
  public static let knowledge = Knowledge.gradients
  /// The nearest point.
  public static let search = Search.nearest
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two, .zero]

  /// The number of Adam's steps for one constant.
  public var steps = 1000
  /// How many constants are tried; for L-infinity how many in a row may find nothing nearer.
  public var constants = 9
  /// The first constant.
  public var constant = 1e-3
  /// Adam's rate.
  public var rate = 0.01
  /// The margin asked for, kappa.
  public var confidence = 0.0

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .constants(\.constants), .constant(\.constant), .rate(\.rate),
    .confidence(\.confidence),
  ]

  private static let limits = 64

  /// A gradient per step, constant and limit.
  public var budget: Passes {
    .gradients(steps * constants * Self.limits) + NearestPoint.costOfDrawingBack
  }

  /// Searches by the norm.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    var descent = try PenaltyDescent(self, problem, oracle)
    switch problem.threat.norm {
    case .two: try await searchEuclidean(&descent)
    case .infinity: try await searchLargest(&descent)
    default: try await searchPixels(&descent)
    }
    return Candidate(descent.nearest.point)
  }

  /// The binary search over the constant.
  private func searchEuclidean(_ descent: inout PenaltyDescent) async throws {
    var constant = constant
    var failing = 0.0
    var sufficient = Double.infinity
    for _ in 0..<constants {
      descent.restart()
      let isReached = try await descent.run(constant: constant, limit: nil)
      if descent.oracle.isSolved { return }
      if isReached { sufficient = constant } else { failing = constant }
      constant = sufficient.isFinite ? (failing + sufficient) / 2 : constant * 10
    }
    if confidence == 0 { try await descent.nearest.drawBack(using: descent.oracle) }
  }

  /// The descent of the limit on magnitudes.
  private func searchLargest(_ descent: inout PenaltyDescent) async throws {
    var limit = 1.0
    var factor = 0.9
    var constant = constant
    var sufficient = constant
    var failures = 0
    for _ in 0..<Self.limits {
      let isNearer = try await descent.run(constant: constant, limit: limit)
      if descent.oracle.isSolved { return }
      if isNearer {
        (failures, sufficient) = (0, constant)
      } else {
        failures += 1
        constant *= descent.nearest.isFound ? 2 : 10
        if failures == constants {
          guard descent.nearest.isFound, factor < 0.97 else { return }
          factor = factor.squareRoot()
          (failures, constant) = (0, sufficient)
        }
      }
      guard descent.nearest.isFound else { continue }
      limit = factor * descent.nearest.distance / descent.unit
      if limit < 1e-5 { return }
    }
  }

  /// The descent of the number of pixels.
  private func searchPixels(_ descent: inout PenaltyDescent) async throws {
    var share = 0.2
    var dropped = 0
    var constant = constant
    for _ in 0..<Self.limits {
      var isReached = false
      let begin = descent.free
      for _ in 0..<constants where !isReached {
        isReached = try await descent.run(constant: constant, limit: nil)
        if descent.oracle.isSolved { return }
        if !isReached { constant *= descent.nearest.isFound ? 2 : 10 }
      }
      if !isReached {
        guard descent.nearest.isFound, dropped > 1 else { return }
        descent.free = begin
        constant = self.constant
        share /= 4
      }
      dropped = descent.dropPixels(share: share)
      if dropped == 0 { return }
    }
  }
}
