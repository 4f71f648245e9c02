import Tensors

/// Bilinear reading of a C x h x w picture at one position per place of another.
///
/// A position is a row and a column, interleaved, in units of pixels; (0, 0) is the middle of the first pixel. Read
/// exactly at a pixel, the value is that pixel's, bit for bit.
struct Warp {
  /// What lies beyond the picture.
  enum Outside: Hashable {
    /// One value, per channel, everywhere.
    case fill([Float])
    /// The nearest pixel.
    case nearest
  }

  let source: Shape
  let target: Shape
  let outside: Outside

  init(_ source: Shape, to target: Shape? = nil, outside: Outside) {
    self.source = source
    self.target = target ?? source
    self.outside = outside
  }

  init(_ source: Shape, fill: Float) {
    self.init(source, outside: .fill(Array(repeating: fill, count: source[0])))
  }

  private var height: Int { source[1] }
  private var width: Int { source[2] }
  private var places: Int { target[1] * target[2] }

  /// The picture as it is seen at the positions.
  func apply<Scalar: TensorScalar>(_ positions: [Scalar], to x: Tensor<Scalar>) -> Tensor<Scalar> {
    let size = height * width
    return x.withUnsafeScalars { x in
      Tensor(shape: target) { result in
        for place in 0..<places {
          let cell = cell(positions[2 * place], positions[2 * place + 1])
          for channel in 0..<source[0] {
            let value = corners(x, channel, size, cell)
            // At a pixel its neighbours do not count, not even for rounding.
            let upper = cell.across == 0 ? value.0 : value.0 + cell.across * (value.1 - value.0)
            let lower = cell.across == 0 ? value.2 : value.2 + cell.across * (value.3 - value.2)
            result[channel * places + place] =
              cell.down == 0 ? upper : upper + cell.down * (lower - upper)
          }
        }
      }
    }
  }

  /// The gradient with respect to the positions, interleaved as they are.
  func positionPullback<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at positions: [Scalar], of x: Tensor<Scalar>
  ) -> [Scalar] {
    let size = height * width
    var slopes = [Scalar](repeating: 0, count: positions.count)
    x.withUnsafeScalars { x in
      gradient.withUnsafeScalars { gradient in
        for place in 0..<places {
          let cell = cell(positions[2 * place], positions[2 * place + 1])
          var (down, across): (Scalar, Scalar) = (0, 0)
          for channel in 0..<source[0] {
            let value = corners(x, channel, size, cell)
            let slope = gradient[channel * places + place]
            let left = value.2 - value.0
            let right = value.3 - value.1
            down += slope * (left + cell.across * (right - left))
            let upper = value.1 - value.0
            let lower = value.3 - value.2
            across += slope * (upper + cell.down * (lower - upper))
          }
          slopes[2 * place] = cell.movesDown ? down : 0
          slopes[2 * place + 1] = cell.movesAcross ? across : 0
        }
      }
    }
    return slopes
  }

  /// The gradient with respect to the picture.
  func inputPullback<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at positions: [Scalar]
  ) -> Tensor<Scalar> {
    let size = height * width
    return gradient.withUnsafeScalars { gradient in
      Tensor(shape: source) { result in
        result.update(repeating: 0)
        for place in 0..<places {
          let cell = cell(positions[2 * place], positions[2 * place + 1])
          for channel in 0..<source[0] {
            let slope = gradient[channel * places + place]
            let base = channel * size
            func add(_ index: Int, _ weight: Scalar) {
              if index >= 0 { result[base + index] += weight * slope }
            }
            add(cell.corners.0, (1 - cell.down) * (1 - cell.across))
            add(cell.corners.1, (1 - cell.down) * cell.across)
            add(cell.corners.2, cell.down * (1 - cell.across))
            add(cell.corners.3, cell.down * cell.across)
          }
        }
      }
    }
  }

  // MARK: - Cells

  /// The four pixels around a position, -1 for those outside, and where it lies between them.
  private struct Cell<Scalar: TensorScalar> {
    var corners: (Int, Int, Int, Int)
    var down: Scalar
    var across: Scalar
    var movesDown = true
    var movesAcross = true
  }

  private func cell<Scalar: TensorScalar>(_ row: Scalar, _ column: Scalar) -> Cell<Scalar> {
    var (row, column) = (row, column)
    var moves = (true, true)
    if outside == .nearest {
      let (bottom, right) = (Scalar(height - 1), Scalar(width - 1))
      moves = (row >= 0 && row <= bottom, column >= 0 && column <= right)
      row = row > 0 ? min(row, bottom) : 0
      column = column > 0 ? min(column, right) : 0
    }
    // Far away, and NaN, is outside.
    guard row > -1, row < Scalar(height), column > -1, column < Scalar(width) else {
      return Cell(
        corners: (-1, -1, -1, -1), down: 0, across: 0, movesDown: false, movesAcross: false)
    }
    let (top, left) = (row.rounded(.down), column.rounded(.down))
    let (i, j) = (Int(top), Int(left))
    func index(_ i: Int, _ j: Int) -> Int {
      if outside == .nearest { return min(i, height - 1) * width + min(j, width - 1) }
      return i >= 0 && i < height && j >= 0 && j < width ? i * width + j : -1
    }
    return Cell(
      corners: (index(i, j), index(i, j + 1), index(i + 1, j), index(i + 1, j + 1)),
      down: row - top, across: column - left, movesDown: moves.0, movesAcross: moves.1)
  }

  private func corners<Scalar: TensorScalar>(
    _ x: UnsafeBufferPointer<Scalar>, _ channel: Int, _ size: Int, _ cell: Cell<Scalar>
  ) -> (Scalar, Scalar, Scalar, Scalar) {
    let base = channel * size
    let fill: Scalar = if case .fill(let values) = outside { Scalar(values[channel]) } else { 0 }
    func value(_ index: Int) -> Scalar { index < 0 ? fill : x[base + index] }
    return (
      value(cell.corners.0), value(cell.corners.1), value(cell.corners.2), value(cell.corners.3)
    )
  }
}
