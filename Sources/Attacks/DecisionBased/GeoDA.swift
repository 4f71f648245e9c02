public import Robustness
import Tensors

/// GeoDA: the nearest point of a plane that stands for the boundary, from labels only.
///
/// In each of T = queries / 500 rounds, at the last point x_B found just beyond the boundary: w estimates the boundary's
/// normal from N_t random draws, and the next point is the nearest at which the goal is reached along
/// x + argmax of <w, v> over ||v||_p <= r, for growing r: w / ||w|| for L2, sign(w) for L-infinity, the largest
/// values of w for L1. Values go no farther than the bounds, where the others then go on. N_t grows as 0.6^(-2t/3), the
/// paper's best division of the queries.
///
/// Rahmati, Moosavi-Dezfooli, Frossard and Dai, "GeoDA: a geometric framework for black-box adversarial attacks", 2020,
/// https://arxiv.org/abs/2003.06468.
///
/// Cost: `queries` forwards, the start included. Guarantee: on affine two-class models, the least distance up to a
/// factor of 1.05 with the standard options, once a start was found; none in L1.
public struct GeoDA: LabelAttack, QueryAttack {
  /// The name on the command line.
  public static let name = "geoda"
  /// The norms that it is written for.
  public static let norms: [Norm] = [.infinity, .two, .one]

  /// The most queries.
  public var queries = 10_000

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .exampleQueries(\.queries)
  ]

  /// Goes from plane to plane.
  public func maximize(
    _ problem: Problem, using oracle: some LabelOracle
  ) async throws -> Candidate {
    try await LabelSearch.run(problem, oracle) { try await approach(&$0) }
  }

  private func approach(_ search: inout LabelSearch<some LabelOracle>) async throws {
    var randomness = search.oracle.randomness("draws")
    var x = try await search.start(tolerance: 1e-4)
    let rounds = max(1, (queries + 250) / 500)
    var round = 0
    var widening = 1.0
    while true {
      let count = search.center.count
      let distance = (x - search.center).norm2
      let (normal, isMixed) = try await search.normal(
        at: x, draws: share(of: max(search.left - 15, 1), round, rounds),
        radius: widening * distance / Double(count).squareRoot() / 10, using: &randomness)
      widening = isMixed ? max(1, widening / 2) : min(2 * widening, Double(count).squareRoot())
      round += 1
      let way = PlaneWay(search, normal: normal)
      if let point = try await nearest(along: way, &search) { x = point }
    }
  }

  /// The draws of a round: what is left, divided among the rounds to come so that they grow by a factor.
  private func share(of left: Int, _ round: Int, _ rounds: Int) -> Int {
    let factor = 1.4057
    let toCome = max(1, rounds - round)
    var sum = 0.0
    for _ in 0..<toCome { sum = sum * factor + 1 }
    return max(10, Int(Double(left) / sum))
  }

  /// The nearest point along a way; `nil` if there is none within three times the least distance known.
  private func nearest(
    along way: PlaneWay, _ search: inout LabelSearch<some LabelOracle>
  ) async throws -> Tensor<Float>? {
    var low = 0.0
    let known = search.nearest?.distance ?? way.farthest / 3
    var high = way.length(of: known)
    let most = way.length(of: 3 * known)
    while try await !search.reaches(way.point(at: high)) {
      guard high < most else { return nil }
      (low, high) = (high, min(high * 1.25, most))
    }
    while high - low > 1e-4 * high {
      let middle = (low + high) / 2
      if try await search.reaches(way.point(at: middle)) { high = middle } else { low = middle }
    }
    return way.point(at: high)
  }
}

/// The points of balls of growing radius around an example at which a linear function is largest.
struct PlaneWay {
  private let center: Tensor<Float>
  private let hull: Box
  private let norm: Norm
  /// For L1 the slopes themselves, else the direction of steepest ascent.
  private let direction: Tensor<Float>
  /// For L1 the coordinates, steepest first.
  private let order: [Int]
  /// A length beyond which nothing changes, or a large one.
  let farthest: Double

  init(_ search: LabelSearch<some LabelOracle>, normal: Tensor<Float>) {
    center = search.center
    hull = search.hull
    norm = search.norm
    if norm == .one {
      order = (0..<normal.count).sorted { abs(normal[$0]) > abs(normal[$1]) }
      direction = normal
      farthest = search.farthest * Double(normal.count).squareRoot()
    } else {
      order = []
      direction = search.domain.direction(of: normal)
      let least = direction.scalars.lazy.map(abs).filter { $0 > 0 }.min() ?? 1
      farthest = search.farthest / Double(max(least, 1e-6))
    }
  }

  /// The length that corresponds to a distance from the example.
  func length(of distance: Double) -> Double {
    guard norm == .two else { return min(distance, farthest) }
    var (low, high) = (0.0, farthest)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if (point(at: middle) - center).norm2 < distance { low = middle } else { high = middle }
    }
    return high
  }

  /// The point at a length.
  func point(at length: Double) -> Tensor<Float> {
    guard norm == .one else {
      return hull.projection(of: center.advanced(by: Float(length), along: direction))
    }
    var point = center
    var rest = length
    for index in order where rest > 0 && direction[index] != 0 {
      let end = direction[index] > 0 ? hull.upper[index] : hull.lower[index]
      let room = abs(Double(end) - Double(center[index]))
      let move = min(room, rest)
      point[index] =
        move == room ? end : center[index] + Float(direction[index] > 0 ? move : -move)
      rest -= move
    }
    return hull.projection(of: point)
  }
}
