public import Robustness
import Tensors

/// The boundary attack: a random walk along the boundary that comes ever nearer, from labels only.
///
/// At a point z at which the goal is reached, with D = ||z - x||_2:
/// 1. a random step of length delta D at a right angle to z - x, back onto the sphere of radius D around x;
/// 2. from there a step of length eps D towards x.
///
/// The point is kept if it reaches the goal. delta and eps grow and shrink by the factor 1.5, so that steps on the sphere
/// alone succeed in 20 to 50 % of the cases (they are asked about at every tenth step) and both together in 10 to 25 %.
///
/// Brendel, Rauber and Bethge, "Decision-based adversarial attacks", 2018, https://arxiv.org/abs/1712.04248.
///
/// Cost: `queries` forwards, the start included. Guarantee: on affine two-class models, the least distance up to a
/// factor of 1.05 with the standard options, once a start was found.
public struct BoundaryAttack: LabelAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "boundary"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.two]

  /// The most queries.
  public var queries = 25_000
  /// The first length of steps on the sphere, delta.
  public var sphericalStep = 0.01
  /// The first length of steps towards the example, eps.
  public var sourceStep = 0.01

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .exampleQueries(\.queries)
  ]

  /// Walks.
  public func maximize(
    _ problem: Problem, using oracle: some LabelOracle
  ) async throws -> Candidate {
    try await LabelSearch.run(problem, oracle) { try await walk(&$0) }
  }

  private func walk(_ search: inout LabelSearch<some LabelOracle>) async throws {
    var randomness = search.oracle.randomness("steps")
    var z = try await search.start(tolerance: 1e-3)
    var delta = sphericalStep
    var eps = sourceStep
    var onSphere = Rate(of: 10)
    var nearer = Rate(of: 30)
    var step = 0
    while true {
      let proposal = rotated(z, by: delta, around: search, using: &randomness)
      let distance = search.distance(of: z)
      let reached = search.distance(of: proposal)
      // Where the bounds cut the first step short, the second has that much less to go.
      let length = max(0, eps * distance + reached - distance) / max(reached, 1e-30)
      let candidate = search.hull.projection(
        of: proposal.interpolated(to: search.center, by: Float(min(length, 1))))
      if step % 10 == 0 {
        let answers = try await search.reaches(all: [proposal, candidate])
        onSphere.note(answers[0])
        guard answers.count == 2 else { return }
        nearer.note(answers[1])
        if answers[1] { z = candidate }
      } else {
        let isReached = try await search.reaches(candidate)
        nearer.note(isReached)
        if isReached { z = candidate }
      }
      step += 1
      if let rate = onSphere.take() {
        let factor = rate > 0.5 ? 1.5 : rate < 0.2 ? 1 / 1.5 : 1
        delta = min(max(delta * factor, 1e-7), 1)
        eps = min(max(eps * factor, 1e-7), 0.9)
      }
      if let rate = nearer.take() {
        eps = min(max(eps * (rate > 0.25 ? 1.5 : rate < 0.1 ? 1 / 1.5 : 1), 1e-7), 0.9)
      }
    }
  }

  /// A point as far from the example as z, a random step away, within the bounds.
  private func rotated(
    _ z: Tensor<Float>, by delta: Double, around search: LabelSearch<some LabelOracle>,
    using randomness: inout Philox
  ) -> Tensor<Float> {
    let way = z - search.center
    let length = max(way.norm2, 1e-30)
    var turn = randomness.noise(z.shape)
    let share = (turn * way).sum { Double($0) } / (length * length)
    turn = turn.advanced(by: Float(-share), along: way)
    let scale = Float(delta * length / max(turn.norm2, 1e-30))
    let shrink = Float(1 / (1 + delta * delta).squareRoot())
    return search.hull.projection(
      of: search.center.advanced(by: shrink, along: way.advanced(by: scale, along: turn)))
  }

  /// How often something succeeds, told once enough was seen.
  private struct Rate {
    private let size: Int
    private var count = 0
    private var successes = 0

    init(of size: Int) { self.size = size }

    mutating func note(_ success: Bool) {
      count += 1
      successes += success ? 1 : 0
    }

    mutating func take() -> Double? {
      guard count >= size else { return nil }
      defer { (count, successes) = (0, 0) }
      return Double(successes) / Double(count)
    }
  }
}
