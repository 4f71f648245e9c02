import Robustness
import Tensors

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
