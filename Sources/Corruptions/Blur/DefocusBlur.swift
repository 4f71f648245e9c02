import Tensors

/// A blur by a disk with soft edges, as of a lens out of focus.
enum DefocusBlur: Corruption {
  static let name = "defocus_blur"
  static let isDrawn = false

  /// The disk, of a radius in pixels and an edge of a standard deviation.
  static let strengths: [CorruptionSuite: [Correlation]] = [
    .cifar10C: [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)].map(disk),
    .imagenetC: [(3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)].map(disk),
  ]

  static func apply(
    to picture: inout Picture, _ disk: Correlation, drawing generator: inout Philox
  ) {
    disk.apply(to: &picture)
  }

  /// The pixels within a radius, blurred within their square: of 17 pixels, or as wide as a larger disk.
  private static func disk(radius: Double, deviation: Double) -> Correlation {
    let half = radius <= 8 ? 8 : Int(radius)
    let side = 2 * half + 1
    let reach = radius <= 8 ? 1 : 2
    var weights = (0..<side * side).map { place in
      let (x, y) = (Double(place % side - half), Double(place / side - half))
      return x * x + y * y <= radius * radius ? 1.0 : 0
    }
    let sum = weights.reduce(0, +)
    let shares = (-reach...reach).map {
      Double.exp(-Double($0 * $0) / (2 * deviation * deviation))
    }
    let total = shares.reduce(0, +)
    for isColumn in [false, true] {
      let before = weights
      for place in weights.indices {
        let (row, column) = (place / side, place % side)
        weights[place] = zip(-reach...reach, shares).reduce(0) { value, pair in
          let (offset, share) = pair
          let from =
            isColumn
            ? Edge.mirror.place(row + offset, within: side) * side + column
            : row * side + Edge.mirror.place(column + offset, within: side)
          return value + share / total * before[from]
        }
      }
    }
    return Correlation(side: side, weights: weights.map { $0 / sum })
  }
}
