import Platform
import Tensors

/// A blur along a line, stronger at its beginning, as ImageMagick's motion blur does it.
struct MotionFilter: Sendable {
  /// The weights of the pixels along the line, in all 1.
  private let weights: [Float]

  /// A filter of 2 `radius` + 1 pixels whose weights fall as half a normal density.
  init(radius: Int, deviation: Double) {
    let shares = (0...2 * radius).map {
      Double.exp(-Double($0 * $0) / (2 * deviation * deviation))
    }
    let sum = shares.reduce(0, +)
    weights = shares.map { Float($0 / sum) }
  }

  /// Blurs planes that lie one after the other.
  ///
  /// - Parameters:
  ///   - values: The planes.
  ///   - height: Rows of each.
  ///   - width: Pixels in a row.
  ///   - angle: Where the line leads, in degrees, clockwise from the right.
  func apply(to values: inout [Float], height: Int, width: Int, angle: Double) {
    let (down, right) = (sin(angle * .pi / 180), cos(angle * .pi / 180))
    let area = height * width
    var blurred = [Float](repeating: 0, count: values.count)
    values.withUnsafeBufferPointer { values in
      blurred.withUnsafeMutableBufferPointer { blurred in
        for (step, weight) in weights.enumerated() {
          let rows = Int((Double(step) * down - 0.5).rounded(.up))
          let columns = Int((Double(step) * right - 0.5).rounded(.up))
          // The part of a row whose source lies inside, and the two beyond, which take the last value.
          let first = min(max(0, -columns), width)
          let last = max(min(width, width - columns), 0)
          for channel in 0..<values.count / area {
            let start = channel * area
            for row in 0..<height {
              let from = start + min(max(row + rows, 0), height - 1) * width
              let source = values.baseAddress.unsafelyUnwrapped + from
              let target = blurred.baseAddress.unsafelyUnwrapped + start + row * width
              if first < last {
                let moved = source + columns
                for column in first..<last { target[column] += weight * moved[column] }
              }
              for column in 0..<min(first, width) { target[column] += weight * source[0] }
              if last < width {
                for column in max(last, 0)..<width {
                  target[column] += weight * source[width - 1]
                }
              }
            }
          }
        }
      }
    }
    values = blurred
  }
}
