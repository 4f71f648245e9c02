public import Robustness
import Tensors

/// The worst of several random points of the threat ("worst of k").
///
/// z is drawn from the threat's own distribution: uniform for boxes, angles and shifts and in L2 balls. The draw with
/// the largest margin is kept.
///
/// Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the landscape of spatial robustness", 2019,
/// https://arxiv.org/abs/1712.02779.
///
/// Cost: `samples` forwards, asked about many at a time; it stops where the goal is reached. Guarantee: none.
public struct RandomDraws: ScoreAttack, ConfigurableAttack {
  /// The name on the command line.
  public static let name = "random"

  /// The number of draws, k.
  public var samples = 10

  /// How many points are asked about at once.
  private static let batch = 10

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .samples(\.samples)
  ]

  /// A forward pass per draw.
  public var budget: Passes { Passes(forward: samples) }

  /// Draws.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    var randomness = oracle.randomness("draws")
    return try await oracle.best(of: samples, at: RandomDraws.batch, from: region.center) { _ in
      region.sample(using: &randomness)
    }
  }
}
