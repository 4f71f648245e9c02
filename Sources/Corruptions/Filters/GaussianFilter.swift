import Tensors

/// Blurring by a normal density, first along columns and then along rows, as `scipy.ndimage.gaussian_filter` does it.
struct GaussianFilter: Sendable {
  /// Along columns, the weight of the middle and those on each side of it, nearest first; in all 1.
  private let down: [Float]
  /// The same along rows.
  private let across: [Float]
  private let edge: Edge

  /// A filter.
  ///
  /// - Parameters:
  ///   - deviation: The standard deviation in pixels, 0 or more; 0 changes nothing.
  ///   - reach: Where the density is cut off, in standard deviations.
  ///   - edge: What lies beyond the edges.
  init(deviation: Double, reach: Double = 4, edge: Edge = .nearest) {
    self.init(down: deviation, across: deviation, reach: reach, edge: edge)
  }

  /// A filter of another standard deviation down than across.
  init(down: Double, across: Double, reach: Double = 4, edge: Edge = .nearest) {
    self.down = GaussianFilter.weights(down, reach)
    self.across = GaussianFilter.weights(across, reach)
    self.edge = edge
  }

  private static func weights(_ deviation: Double, _ reach: Double) -> [Float] {
    let radius = Int(reach * deviation + 0.5)
    let shares = (0...radius).map { place in
      place == 0 ? 1 : Double.exp(-0.5 * Double(place * place) / (deviation * deviation))
    }
    let sum = 2 * shares.reduce(0, +) - 1
    return shares.map { Float($0 / sum) }
  }

  private var changesNothing: Bool { down.count == 1 && across.count == 1 }

  /// Blurs every plane.
  func apply(to picture: inout Picture) {
    guard !changesNothing else { return }
    let (height, width) = (picture.height, picture.width)
    var (lines, padded) = scratch(height, width)
    let area = picture.area
    picture.levels.withUnsafeMutableBufferPointer { levels in
      for channel in 0..<levels.count / area {
        blur(
          UnsafeMutableBufferPointer(rebasing: levels[channel * area..<(channel + 1) * area]),
          height, width, &lines, &padded)
      }
    }
  }

  /// Blurs a plane.
  func apply(to plane: inout Plane) {
    guard !changesNothing else { return }
    var (lines, padded) = scratch(plane.height, plane.width)
    let (height, width) = (plane.height, plane.width)
    plane.values.withUnsafeMutableBufferPointer { blur($0, height, width, &lines, &padded) }
  }

  private func scratch(_ height: Int, _ width: Int) -> (lines: [Float], padded: [Float]) {
    (
      [Float](repeating: 0, count: height * width),
      [Float](repeating: 0, count: width + 2 * across.count)
    )
  }

  private func blur(
    _ values: UnsafeMutableBufferPointer<Float>, _ height: Int, _ width: Int,
    _ lines: inout [Float], _ padded: inout [Float]
  ) {
    lines.withUnsafeMutableBufferPointer { lines in
      for row in 0..<height {
        let target = lines.baseAddress.unsafelyUnwrapped + row * width
        let source = values.baseAddress.unsafelyUnwrapped
        let middle = source + row * width
        for column in 0..<width { target[column] = down[0] * middle[column] }
        for distance in 1..<down.count {
          let weight = down[distance]
          let above = source + edge.place(row - distance, within: height) * width
          let below = source + edge.place(row + distance, within: height) * width
          for column in 0..<width { target[column] += weight * (above[column] + below[column]) }
        }
      }
      padded.withUnsafeMutableBufferPointer { padded in
        let middle = padded.baseAddress.unsafelyUnwrapped + across.count
        for row in 0..<height {
          let source = lines.baseAddress.unsafelyUnwrapped + row * width
          let target = values.baseAddress.unsafelyUnwrapped + row * width
          for column in 0..<width { middle[column] = source[column] }
          for distance in 1..<across.count {
            middle[-distance] = source[edge.place(-distance, within: width)]
            middle[width - 1 + distance] = source[edge.place(width - 1 + distance, within: width)]
          }
          for column in 0..<width { target[column] = across[0] * middle[column] }
          for distance in 1..<across.count {
            let weight = across[distance]
            let (left, right) = (middle - distance, middle + distance)
            for column in 0..<width { target[column] += weight * (left[column] + right[column]) }
          }
        }
      }
    }
  }
}
