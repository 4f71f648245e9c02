public import Robustness
import Tensors

/// Noise of the same size: the honest baseline of every attack.
///
/// x' = argmax over x' in P(x) of <n, x'>, with n standard normal. For L-infinity every coordinate
/// moves to one of its two limits at random; for L2 it is a random direction cut by the bounds and
/// stretched until the cut perturbation has the full radius again. So the noise is as large *after*
/// clipping as the perturbations it is compared with, unless the bounds leave no room.
///
/// Cost: `samples` forwards, fewer where one succeeds. Guarantee: none.
public struct RandomNoise: ScoreAttack, ConfigurableAttack {
  /// The name on the command line.
  public static let name = "noise"

  /// The number of draws.
  public var samples = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .samples(\.samples)
  ]

  /// A forward pass per draw.
  public var budget: Passes { Passes(forward: samples) }

  /// Draws, and keeps the draw of the largest margin.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    var randomness = oracle.randomness("noise")
    return try await oracle.best(of: samples, at: 1, from: region.center) { _ in
      region.maximizer(of: randomness.normals(region.center.shape))
    }
  }
}
