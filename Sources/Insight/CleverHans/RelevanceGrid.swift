import Tensors

/// Relevance maps on a coarse grid, each of length 1: what is compared of them.
struct RelevanceGrid: Sendable {
  /// The most cells along a side.
  static let most = 7

  /// The cells of each map, one map after the other.
  let features: [[Double]]

  /// Adds up the magnitudes within each cell, so that what speaks for and against a class does not cancel.
  ///
  /// - Parameters:
  ///   - maps: n x the shape of a picture.
  ///   - extents: The extents of that.
  init(_ maps: Tensor<Float>, _ extents: PictureExtents) {
    let side = min(RelevanceGrid.most, extents.shorterSide)
    let size = extents.count
    let cells = (0..<size).map { place in
      let pixel = place % (extents.height * extents.width)
      let (row, column) = (pixel / extents.width, pixel % extents.width)
      return row * side / extents.height * side + column * side / extents.width
    }
    let values = maps.scalars
    features = (0..<values.count / size).map { map in
      var sums = [Double](repeating: 0, count: side * side)
      for place in 0..<size { sums[cells[place]] += Double(abs(values[map * size + place])) }
      let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length > 0 && length.isFinite ? sums.map { $0 / length } : sums.map { _ in 0 }
    }
  }
}
