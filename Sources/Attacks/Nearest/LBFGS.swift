public import Models
public import Robustness
import Tensors

/// Box-constrained L-BFGS on distance and cross-entropy, for L2: the first attack of all.
///
/// Minimises |x - x_0|^2 + c CE(f(x), t) within the bounds, for the nearest class t or the one that is asked for, and
/// looks for the smallest c whose minimum reaches the goal: c is multiplied by 10 until one does, then takes the geometric
/// mean of failure and success. Lengths are in units of the data's range. The minimisation is L-BFGS on the coordinates
/// that are not held by a bound, with steps projected onto the bounds and halved until they descend enough.
///
/// Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow and Fergus, "Intriguing properties of neural networks", 2014,
/// https://arxiv.org/abs/1312.6199.
///
/// Cost: at most `steps` gradients per constant, those of the line search counted. Guarantee: on affine models within 5 % of
/// the smallest distance.
public struct LBFGS: ConfigurableAttack {
  /// The name on the command line.
  public static let name = "lbfgs"
  /// Gradients.
  public static let knowledge = Knowledge.gradients
  /// The nearest point.
  public static let search = Search.nearest
  /// The norm that it is written for.
  public static let norms: [Norm] = [.two]

  /// The most gradients for one constant.
  public var steps = 50
  /// How many constants are tried.
  public var constants = 9
  /// The first constant.
  public var constant = 0.01

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps), .constants(\.constants), .constant(\.constant),
  ]

  /// A gradient per step and constant.
  public var budget: Passes { .gradients(steps * constants) + Passes(forward: 1) }

  /// Searches the constant.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    var search = try await ConstrainedDescent(problem, oracle, steps: steps)
    var constant = constant
    var failing = 0.0
    var sufficient = Double.infinity
    for _ in 0..<constants {
      let isReached = try await search.run(constant: constant)
      if oracle.isSolved { break }
      if isReached { sufficient = constant } else { failing = constant }
      constant =
        sufficient.isInfinite
        ? constant * 10 : (max(failing, 1e-3 * sufficient) * sufficient).squareRoot()
    }
    return Candidate(search.nearest.point)
  }
}
