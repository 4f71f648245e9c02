/// A square kernel laid over every pixel, mirrored at the edges, as OpenCV's `filter2D` does it.
struct Correlation: Sendable {
  private let radius: Int
  /// The weights that are not zero, in rows.
  private let taps: [Tap]

  private struct Tap: Sendable {
    let row: Int
    let column: Int
    let weight: Float
  }

  /// A kernel of odd side, in row-major order.
  init(side: Int, weights: [Double]) {
    precondition(side % 2 == 1 && weights.count == side * side, "a kernel that is no odd square")
    let radius = side / 2
    let all = weights.indices.map {
      Tap(row: $0 / side - radius, column: $0 % side - radius, weight: Float(weights[$0]))
    }
    taps = all.filter { abs($0.weight) > 1e-9 }
    // Disks are often smaller than the square that they lie in.
    self.radius = taps.map { max(abs($0.row), abs($0.column)) }.max() ?? 0
  }

  /// Filters every plane.
  func apply(to picture: inout Picture) {
    let (height, width) = (picture.height, picture.width)
    let stride = width + 2 * radius
    let area = picture.area
    var padded = [Float](repeating: 0, count: (height + 2 * radius) * stride)
    let columns = (-radius..<width + radius).map { Edge.mirror.place($0, within: width) }
    picture.levels.withUnsafeMutableBufferPointer { levels in
      padded.withUnsafeMutableBufferPointer { padded in
        for channel in 0..<levels.count / area {
          let plane = levels.baseAddress.unsafelyUnwrapped + channel * area
          let start = padded.baseAddress.unsafelyUnwrapped
          for row in 0..<height + 2 * radius {
            let source = plane + Edge.mirror.place(row - radius, within: height) * width
            let target = start + row * stride
            for column in 0..<stride { target[column] = source[columns[column]] }
          }
          for row in 0..<height {
            let target = plane + row * width
            for column in 0..<width { target[column] = 0 }
            let middle = start + (row + radius) * stride + radius
            for tap in taps {
              let source = middle + tap.row * stride + tap.column
              let weight = tap.weight
              for column in 0..<width { target[column] += weight * source[column] }
            }
          }
        }
      }
    }
  }
}
