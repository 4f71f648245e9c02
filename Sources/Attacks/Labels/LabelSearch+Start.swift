import Robustness
import Tensors

extension LabelSearch {
  /// Finds a point at which the goal is reached, on the boundary and as near as a few draws give it.
  ///
  /// Inputs without meaning are asked about until some reach the goal: the papers' uniform noise, but also noise that is
  /// the same over blocks of pixels, flat inputs, and the example's negative, since some networks call all noise by the same
  /// name. Every one that is found is bisected a little towards the example, and the nearest one to the end.
  ///
  /// - Parameters:
  ///   - tolerance: As for `boundary`.
  ///   - draws: How many are asked about at least.
  /// - Returns: A point just beyond the boundary.
  /// - Throws: `Ended` if none was found with half of the queries.
  mutating func start(
    tolerance: Double, draws: Int = 10
  ) async throws -> Tensor<Float> {
    var randomness = oracle.randomness("start")
    var round = 0
    var asked = 0
    let most = left / 2
    while round == 0 || asked < most {
      let points = (0..<min(draws << min(round, 3), max(left, 1))).map {
        meaningless($0, round, using: &randomness)
      }
      let answers = try await reaches(all: points)
      asked += answers.count
      let found = zip(points, answers).filter(\.1).map(\.0)
      if !found.isEmpty {
        let (point, low) = try await nearest(of: Array(found.prefix(population)))
        return try await boundary(toward: point, tolerance: tolerance, from: low)
      }
      round += 1
    }
    throw Ended()
  }

  /// Bisects the ways to some points together, and picks the one that gets nearest.
  ///
  /// - Returns: The point, and a share of the way to it at which the goal is not reached.
  private mutating func nearest(
    of points: [Tensor<Float>]
  ) async throws -> (point: Tensor<Float>, low: Double) {
    var ways = points.map { (point: $0, low: 0.0, high: 1.0) }
    for _ in 0..<5 where ways.count > 1 {
      let middles = ways.map { approached($0.point, ($0.low + $0.high) / 2) }
      for (place, isReached) in try await reaches(all: middles).enumerated() {
        let middle = (ways[place].low + ways[place].high) / 2
        if isReached { ways[place].high = middle } else { ways[place].low = middle }
      }
    }
    let reached = ways.map { approached($0.point, $0.high) }
    let distances = reached.map(distance)
    let best = distances.indices.min { distances[$0] < distances[$1] } ?? 0
    return (reached[best], ways[best].low / ways[best].high)
  }

  /// An input that has nothing to do with the example.
  private func meaningless(
    _ draw: Int, _ round: Int, using randomness: inout Philox
  ) -> Tensor<Float> {
    let limits = limits(round)
    switch (round, draw) {
    case (0, 4): return limits.lower.zip(limits.upper) { 0.5 * $0 + 0.5 * $1 }
    case (0, 5): return limits.lower
    case (0, 6): return limits.upper
    case (0, 7):
      return hull.projection(of: limits.lower.zip(limits.upper) { $0 + $1 } - center)
    default: break
    }
    // Blocks of 1, 2, 4, ... pixels in turn; noise of single values as often as all others.
    let side = draw % 2 == 0 ? 1 : 1 << (1 + draw / 2 % 4)
    let shares = randomness.blocks(of: side, center.shape)
    let noise = limits.lower.zip(limits.upper) { lower, upper in upper - lower }
    return hull.projection(of: limits.lower + noise * shares)
  }

  /// Where draws are taken from: the hull or, where it is as good as endless, ever larger boxes around the example.
  private func limits(_ round: Int) -> (lower: Tensor<Float>, upper: Tensor<Float>) {
    let reach = reach * [1, 4, 16, 64][round % 4]
    func isEndless(_ lower: Float, _ upper: Float) -> Bool { !(upper / 4 - lower / 4 < 1e20) }
    let lower = hull.lower.zip(hull.upper) { isEndless($0, $1) ? -.infinity : $0 }
    let upper = hull.lower.zip(hull.upper) { isEndless($0, $1) ? .infinity : $1 }
    return (
      lower.zip(center) { $0.isInfinite ? $1 - reach : $0 },
      upper.zip(center) { $0.isInfinite ? $1 + reach : $0 }
    )
  }

  /// The size of values where there are no bounds.
  var reach: Float { max(1, Float(min(center.normInfinity, 1e20))) }
}

extension Philox {
  /// Numbers uniform in [0, 1) that are the same over square blocks of the last two axes, in each channel, or over
  /// runs where there are no two axes.
  mutating func blocks(of side: Int, _ shape: Shape) -> Tensor<Float> {
    if side == 1 { return uniforms(shape) }
    let width = shape.extents.last ?? 1
    let height = shape.rank > 1 ? shape.extents[shape.rank - 2] : 1
    let across = (width + side - 1) / side
    let down = (height + side - 1) / side
    let planes = shape.count / max(width * height, 1)
    let coarse = uniforms([planes, down, across])
    return Tensor(shape: shape) { target in
      for index in 0..<target.count {
        let (row, column) = (index / width, index % width)
        let place = row / height * down + row % height / side
        target[index] = coarse[place * across + column / side]
      }
    }
  }
}
