import Robustness
import Tensors

/// Estimates of a gradient from the scores at pairs of points on opposite sides.
///
/// g = mean over pairs of (L(z+) - L(z-)) / (2 s) * (z+ - z-) / (2 s), with z+, z- = z + s u, z - s u cut by the hull
/// of the threat. A direction that is cut on one side so counts half, with its sign intact, and in L-infinity every
/// point that is asked about is inside the threat.
struct PairedDifferences<Model: ScoreOracle> {
  let oracle: Model
  let objective: ScoredObjective
  let region: any FeasibleSet
  /// How far points are from the middle, in every coordinate or on average.
  let spread: Float
  /// Whether directions are signs, not nearly normal numbers.
  let usesSigns: Bool
  var randomness: Philox
  /// The queries that are left.
  var left: Int { oracle.left }

  /// A gradient with the mean of L over the points, or a point of the threat at which the goal is reached.
  enum Estimate {
    case gradient(Tensor<Float>, level: Double)
    case solution(Tensor<Float>)
  }

  /// How many pairs are asked about at once: their points should not fill the memory of many rows.
  private var pairsAtOnce: Int { min(max(1 << 15 / max(region.center.count, 1), 1), 16) }

  /// Estimates the gradient at a point, for two forward passes per pair.
  ///
  /// The point itself is asked about only where the goal is reached next to it, outside the threat.
  mutating func estimate(at z: Tensor<Float>, pairs: Int) async throws -> Estimate {
    let hull = region.hull
    let pairs = min(pairs, left / 2)
    var gradient = Tensor<Float>.zeros(z.shape)
    var total = 0.0
    var isKnown = false
    var rest = pairs
    while rest > 0 {
      let count = min(rest, pairsAtOnce, left / 2)
      if count == 0 { break }
      rest -= count
      var points: [Tensor<Float>] = []
      points.reserveCapacity(2 * count)
      for _ in 0..<count {
        let (more, less) =
          usesSigns
          ? randomness.signPair(around: z, scale: spread)
          : randomness.coinPair(around: z, scale: spread)
        points.append(hull.projection(of: more))
        points.append(hull.projection(of: less))
      }
      let scores = try await oracle.scores(at: points)
      for (point, answer) in zip(points, scores) where answer.reachesGoal {
        if region.contains(point) { return .solution(point) }
        guard !isKnown, left > 0 else { continue }
        isKnown = true
        if try await oracle.scores(at: z).reachesGoal { return .solution(z) }
      }
      let values = scores.map { objective.value(of: $0) }
      for pair in stride(from: 0, to: points.count, by: 2) {
        total += values[pair] + values[pair + 1]
        let difference = values[pair] - values[pair + 1]
        let slope = Float(difference / (4 * Double(spread) * Double(spread) * Double(pairs)))
        guard slope.isFinite, slope != 0 else { continue }
        gradient.add(slope, times: points[pair], minus: points[pair + 1])
      }
    }
    return .gradient(gradient, level: total / Double(2 * max(pairs, 1)))
  }
}
