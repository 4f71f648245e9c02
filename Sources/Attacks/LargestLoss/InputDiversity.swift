import Robustness
package import Tensors

/// A picture made smaller by bilinear interpolation and put on a ground of zeros of the former size.
///
/// Pixels are squares, as PyTorch's `align_corners=False` has it. The gradient is exact: the adjoint of the same weights.
package struct InputDiversity: InputTransformation {
  /// Where one place of the smaller picture comes from: its first source, and the weights of this and the next.
  private struct Tap {
    let source: Int
    let next: Int
    let first: Float
    let second: Float
  }

  private let rows: [Tap]
  private let columns: [Tap]
  private let top: Int
  private let left: Int

  /// Draws a size, from `rate` times the picture's to the whole, and a place.
  ///
  /// - Precondition: `shape` is channels x height x width.
  package init(of shape: Shape, rate: Double, using randomness: inout Philox) {
    func draw(_ size: Int, _ share: Float) -> Int {
      let least = min(max(Int(rate * Double(size)), 1), size)
      return min(least + Int(share * Float(size - least)), size)
    }
    // One share for both, so that a picture keeps its proportions.
    let share = randomness.uniform()
    let (height, width) = (shape[1], shape[2])
    let (smallHeight, smallWidth) = (draw(height, share), draw(width, share))
    rows = Self.taps(from: height, to: smallHeight)
    columns = Self.taps(from: width, to: smallWidth)
    top = height > smallHeight ? randomness.integer(below: height - smallHeight + 1) : 0
    left = width > smallWidth ? randomness.integer(below: width - smallWidth + 1) : 0
  }

  package func apply(_ input: Tensor<Float>) -> Tensor<Float> {
    let (channels, height, width) = (input.shape[0], input.shape[1], input.shape[2])
    return input.withUnsafeScalars { source in
      Tensor(shape: input.shape) { target in
        target.update(repeating: 0)
        for channel in 0..<channels {
          let plane = channel * height * width
          for (y, row) in rows.enumerated() {
            let upper = plane + row.source * width
            let lower = plane + row.next * width
            let start = plane + (top + y) * width + left
            for (x, column) in columns.enumerated() {
              let above =
                column.first * source[upper + column.source]
                + column.second * source[upper + column.next]
              let below =
                column.first * source[lower + column.source]
                + column.second * source[lower + column.next]
              target[start + x] = row.first * above + row.second * below
            }
          }
        }
      }
    }
  }

  package func pullback(_ gradient: Tensor<Float>, at input: Tensor<Float>) -> Tensor<Float> {
    let (channels, height, width) = (input.shape[0], input.shape[1], input.shape[2])
    return gradient.withUnsafeScalars { source in
      Tensor(shape: input.shape) { target in
        target.update(repeating: 0)
        for channel in 0..<channels {
          let plane = channel * height * width
          for (y, row) in rows.enumerated() {
            let upper = plane + row.source * width
            let lower = plane + row.next * width
            let start = plane + (top + y) * width + left
            for (x, column) in columns.enumerated() {
              let slope = source[start + x]
              target[upper + column.source] += row.first * column.first * slope
              target[upper + column.next] += row.first * column.second * slope
              target[lower + column.source] += row.second * column.first * slope
              target[lower + column.next] += row.second * column.second * slope
            }
          }
        }
      }
    }
  }

  private static func taps(from size: Int, to smaller: Int) -> [Tap] {
    (0..<smaller).map { place in
      let center = (Double(place) + 0.5) * Double(size) / Double(smaller) - 0.5
      let position = min(max(center, 0), Double(size - 1))
      let source = min(Int(position), size - 1)
      let second = Float(position - Double(source))
      return Tap(
        source: source, next: min(source + 1, size - 1), first: 1 - second, second: second)
    }
  }
}
