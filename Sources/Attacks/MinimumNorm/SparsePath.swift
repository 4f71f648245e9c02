import Robustness
import Tensors

/// The way from a point across a hyperplane by as few coordinates, or pixels, as it takes.
///
/// Those that gain most go to the end of the box, one after the other: by slope for L1, for which a length counts,
/// and by slope times room, over the channels of a pixel, for L0.
struct SparsePath {
  private let start: Tensor<Float>
  private let ends: Tensor<Float>
  private let pixels: Pixels
  private let isByPixel: Bool
  /// Pixels or coordinates in the order in which they move, and what each gains.
  private let order: [Int]
  private let gains: [Double]

  /// The number of moves, of which the last may be cut short.
  private(set) var length = 0.0

  /// Lays out the way on which the linear function with these slopes rises by `rise`.
  init(
    from start: Tensor<Float>, slopes: Tensor<Float>, rise: Double, hull: Box, _ pixels: Pixels,
    norm: Norm
  ) {
    var ends = start
    let isByPixel = norm == .zero
    let count = isByPixel ? pixels.count : start.count
    var gains = [Double](repeating: 0, count: count)
    for index in 0..<start.count where slopes[index].magnitude > 0 {
      ends[index] = slopes[index] > 0 ? hull.upper[index] : hull.lower[index]
      let gain = Double(slopes[index]) * (Double(ends[index]) - Double(start[index]))
      gains[isByPixel ? index % pixels.count : index] += gain.isNaN ? 0 : gain
    }
    let weights = isByPixel ? gains : (0..<count).map { Double(slopes[$0].magnitude) }
    order = (0..<count).filter { gains[$0] > 0 }
      .sorted { (weights[$0], $1) > (weights[$1], $0) }
    (self.start, self.ends, self.pixels) = (start, ends, pixels)
    (self.isByPixel, self.gains) = (isByPixel, gains)
    var rest = rise
    for move in order {
      guard rest > 0 else { break }
      length += min(1, rest / gains[move])
      rest -= gains[move]
    }
  }

  /// The point after so many moves; for L0 a move that has begun is made as a whole.
  func point(after moves: Double) -> Tensor<Float> {
    var point = start
    for (place, move) in order.enumerated() where Double(place) < moves {
      if isByPixel {
        for index in pixels.indices(of: move) { point[index] = ends[index] }
      } else {
        let share = min(moves - Double(place), 1)
        let value = Double(start[move]) + share * (Double(ends[move]) - Double(start[move]))
        point[move] = share < 1 ? Float(value) : ends[move]
      }
    }
    return point
  }

  /// Looks for the first point on the way at which the goal is reached.
  func search(
    upTo most: Double? = nil, _ nearest: inout NearestPoint, using oracle: some ScoreOracle
  ) async throws {
    try await nearest.section(
      0...min(most ?? length, length), using: oracle, point: point(after:))
  }

  /// Searches the way from the example along some slopes, as far as four times the changes of the nearest point.
  static func search(
    along slopes: Tensor<Float>, _ domain: any FeasibleSet, _ pixels: Pixels, norm: Norm,
    _ nearest: inout NearestPoint, using oracle: some ScoreOracle
  ) async throws {
    let path = SparsePath(
      from: domain.center, slopes: slopes, rise: .infinity, hull: domain.hull, pixels, norm: norm)
    let most = 4 * Double(pixels.changed(nearest.point).count + 1)
    try await path.search(upTo: most, &nearest, using: oracle)
  }
}
