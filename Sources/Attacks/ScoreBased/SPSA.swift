public import Robustness
import Tensors

/// Simultaneous perturbation stochastic approximation: Adam along differences in random directions of signs.
///
/// g = mean over i of (L(z + d v_i) - L(z - d v_i)) / (2 d) v_i with v_i of random signs, and
/// z <- Proj(z + a Adam(g)). Points that are asked about are cut by the hull of the threat; see `PairedDifferences`.
///
/// Uesato, O'Donoghue, van den Oord and Kohli, "Adversarial risk and the dangers of evaluating against weak attacks",
/// 2018, https://arxiv.org/abs/1802.05666; Spall, 1992, https://doi.org/10.1109/9.119632.
///
/// Cost: at most `queries` forwards per attempt, 2 `samples` per step; it stops where the goal is reached. Guarantee:
/// none.
public struct SPSA: ScoreAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "spsa"
  /// The norms it is written for.
  public static let norms: [Norm] = [.infinity, .two, .one]

  /// The most queries of one attempt.
  public var queries = 10_000
  /// The number of directions of one step.
  public var samples = 64
  /// The length d of differences in every coordinate, in the units of the data.
  public var spread = 0.01
  /// The length of a step in the threat's norm, if Adam moves every coordinate; `nil` for 2.5 radii divided by the
  /// number of steps, the radius at most.
  public var stepSize: Double?
  /// What to maximise; `nil` for the margin, and for the cross-entropy towards a target class.
  public var loss: Loss?
  /// How often to try.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .queries(\.queries), .directions(\.samples), .spread(\.spread),
    .stepSize(
      \.stepSize,
      .words("2.5 × the radius / (queries / (2 × samples)), at most the radius")),
    .objective(\.loss, "margin; cross-entropy towards a target class"), .restarts(\.restarts),
  ]

  /// Climbs.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    var z = region.center
    guard region.radius > 0 else { return Candidate(z) }
    let steps = max(1, queries / (2 * samples))
    let longest = stepSize ?? region.radius * min(2.5 / Double(steps), 1)
    var differences = PairedDifferences(
      oracle: oracle,
      objective: try ScoredObjective(loss, problem, outputCount: oracle.outputCount),
      region: region, spread: Float(spread), usesSigns: true,
      randomness: oracle.randomness("directions"))
    var adam = AdamAscent(
      shape: z.shape, rate: longest / (try problem.norm).size(ofOnes: z.count))
    while differences.left >= 2 {
      switch try await differences.estimate(at: z, pairs: samples) {
      case .solution(let point): return Candidate(point)
      case .gradient(let gradient, _): z = region.projection(of: adam.moved(z, along: gradient))
      }
    }
    return Candidate(z)
  }
}

/// The steps of Adam, upwards.
///
/// Kingma and Ba, 2015, https://arxiv.org/abs/1412.6980.
struct AdamAscent {
  private let rate: Float
  private var mean: Tensor<Float>
  private var variance: Tensor<Float>
  private var steps = 0.0

  init(shape: Shape, rate: Double) {
    self.rate = Float(rate)
    mean = .zeros(shape)
    variance = mean
  }

  /// The point after one more step.
  mutating func moved(_ z: Tensor<Float>, along gradient: Tensor<Float>) -> Tensor<Float> {
    steps += 1
    let correction = 1 / Float(1 - Double.pow(0.9, steps))
    let spread = 1 / Float(1 - Double.pow(0.999, steps))
    let rate = rate
    mean.update(with: gradient) { $0 = 0.9 * $0 + 0.1 * $1 }
    variance.update(with: gradient) { $0 = 0.999 * $0 + 0.001 * $1 * $1 }
    return z.zip(mean, variance) { value, mean, variance in
      let size = (variance * spread).squareRoot()
      return value + rate * (size > 0 ? mean * correction / size : 0)
    }
  }
}
