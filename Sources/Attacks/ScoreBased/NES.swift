public import Robustness
import Tensors

/// Natural evolution strategies: steepest ascent along a gradient estimated from nearly normal directions.
///
/// g = mean over i of (L(z + s u_i) - L(z - s u_i)) / (2 s) u_i, v <- m v + (1 - m) g, z <- step(z, v, a). The step a is
/// halved when L, as the mean over the points asked about, has fallen over five steps. Points that are asked about are cut by the hull of the threat; see
/// `PairedDifferences`.
///
/// Ilyas, Engstrom, Athalye and Lin, "Black-box adversarial attacks with limited queries and information", 2018,
/// https://arxiv.org/abs/1804.08598; momentum and plateaus are those of the authors' code.
///
/// Cost: at most `queries` forwards per attempt, 2 `samples` per step; it stops where the goal is reached. Guarantee:
/// none.
public struct NES: ScoreAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "nes"

  /// The most queries of one attempt.
  public var queries = 10_000
  /// The number of directions of one step, each of them asked about on both sides.
  public var samples = 25
  /// The search variance's root s, in the units of the data.
  public var spread = 0.001
  /// The first length of a step in the threat's norm; `nil` for a fifth of the radius.
  public var stepSize: Double?
  /// The share of past gradients kept at each step.
  public var momentum = 0.9
  /// What to maximise; `nil` for the margin, and for the cross-entropy towards a target class.
  public var loss: Loss?
  /// How often to try.
  public var restarts = 1

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .queries(\.queries), .directions(\.samples), .spread(\.spread),
    .stepSize(\.stepSize, .radii(0.2)), .momentum(\.momentum, upTo: 1),
    .objective(\.loss, "margin; cross-entropy towards a target class"), .restarts(\.restarts),
  ]

  /// Climbs.
  public func maximize(
    _ problem: Problem, using oracle: some ScoreOracle
  ) async throws -> Candidate {
    let region = try problem.region
    let objective = try ScoredObjective(loss, problem, outputCount: oracle.outputCount)
    var differences = PairedDifferences(
      oracle: oracle, objective: objective, region: region, spread: Float(spread),
      usesSigns: false, randomness: oracle.randomness("directions"))
    var z = region.center
    guard region.radius > 0 else { return Candidate(z) }
    let longest = stepSize ?? region.radius / 5
    var step = longest
    var velocity: Tensor<Float>?
    var recent: [Double] = []
    while differences.left >= 2 {
      switch try await differences.estimate(at: z, pairs: samples) {
      case .solution(let point): return Candidate(point)
      case .gradient(let gradient, let level):
        recent = recent.suffix(4) + [level]
        if recent.count == 5, recent[4] < recent[0], step > longest / 200 {
          step = max(step / 2, longest / 200)
          recent = []
        }
        let (kept, new) = (Float(momentum), Float(1 - momentum))
        let next = velocity.map { $0.zip(gradient) { kept * $0 + new * $1 } } ?? gradient
        velocity = next
        z = region.step(from: z, along: next, length: step)
      }
    }
    return Candidate(z)
  }
}
