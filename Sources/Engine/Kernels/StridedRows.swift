import Models
import Tensors

/// Row-major values of three axes, outer x length x inner, of which the middle one is averaged over.
///
/// All inner positions are computed side by side; where there is one only, the sums run in eight lanes. The
/// order of the sums depends on neither the outer extent nor the number of threads.
struct StridedRows {
  private let outer: Int
  private let length: Int
  private let inner: Int

  /// The view of a shape; `nil` if the averaged axes are not neighbours behind the first.
  init?(_ shape: Shape, axes: [Int]) {
    guard let first = axes.first, let last = axes.last, first >= 1,
      axes == Array(first...last), shape.count > 0
    else { return nil }
    outer = shape.extents[..<first].reduce(1, *)
    length = shape.extents[first...last].reduce(1, *)
    inner = shape.extents[(last + 1)...].reduce(1, *)
  }

  private typealias Floats = UnsafeMutablePointer<Float>

  /// y = (x - mean) / sqrt(variance + epsilon).
  func standardize(
    _ x: UnsafeMutableRawPointer, to y: UnsafeMutableRawPointer, epsilon: Float
  ) {
    let (x, y) = (x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self))
    forEachBlock(scratch: 2) { start, scratch in
      let (mean, inverse) = (scratch, scratch + inner)
      moments(x + start, mean: mean, inverse: inverse, epsilon: epsilon)
      for row in 0..<length {
        let (source, target) = (x + start + row * inner, y + start + row * inner)
        for i in 0..<inner { target[i] = (source[i] - mean[i]) * inverse[i] }
      }
    }
  }

  /// dx = (dy - mean(dy) - y mean(dy y)) / sqrt(variance + epsilon).
  func standardizeGradient(
    _ x: UnsafeMutableRawPointer, _ dy: UnsafeMutableRawPointer,
    to dx: UnsafeMutableRawPointer, epsilon: Float
  ) {
    let (x, dy) = (x.assumingMemoryBound(to: Float.self), dy.assumingMemoryBound(to: Float.self))
    let dx = dx.assumingMemoryBound(to: Float.self)
    forEachBlock(scratch: 4) { start, scratch in
      let (mean, inverse) = (scratch, scratch + inner)
      let (average, along) = (scratch + 2 * inner, scratch + 3 * inner)
      moments(x + start, mean: mean, inverse: inverse, epsilon: epsilon)
      sums(into: average) { row, i in dy[start + row * inner + i] }
      sums(into: along) { row, i in
        let index = start + row * inner + i
        return dy[index] * (x[index] - mean[i]) * inverse[i]
      }
      let share = 1 / Float(length)
      for i in 0..<inner {
        average[i] *= share
        along[i] *= share
      }
      for row in 0..<length {
        let first = start + row * inner
        for i in 0..<inner {
          let y = (x[first + i] - mean[i]) * inverse[i]
          dx[first + i] = (dy[first + i] - average[i] - y * along[i]) * inverse[i]
        }
      }
    }
  }

  /// The largest or smallest value; NaN if any is.
  func extremum(
    _ x: UnsafeMutableRawPointer, to y: UnsafeMutableRawPointer, isMaximum: Bool
  ) {
    let (x, y) = (x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self))
    forEachBlock(scratch: 0) { start, _ in
      let best = y + start / length
      best.update(from: x + start, count: inner)
      for row in 1..<max(length, 1) {
        let source = x + start + row * inner
        for i in 0..<inner {
          let value = source[i]
          let wins = isMaximum ? value > best[i] : value < best[i]
          if wins || value.isNaN { best[i] = value }
        }
      }
    }
  }

  private func moments(_ x: Floats, mean: Floats, inverse: Floats, epsilon: Float) {
    let share = 1 / Float(length)
    sums(into: mean) { row, i in x[row * inner + i] }
    for i in 0..<inner { mean[i] *= share }
    sums(into: inverse) { row, i in
      let distance = x[row * inner + i] - mean[i]
      return distance * distance
    }
    for i in 0..<inner { inverse[i] = 1 / (inverse[i] * share + epsilon).squareRoot() }
  }

  /// Sums of terms over the rows, for each inner position.
  @inline(__always)
  private func sums(into result: Floats, _ term: (_ row: Int, _ inner: Int) -> Float) {
    if inner == 1 {
      var lanes = SIMD8<Float>()
      let whole = length / 8 * 8
      for row in stride(from: 0, to: whole, by: 8) {
        for lane in 0..<8 { lanes[lane] += term(row + lane, 0) }
      }
      var sum = lanes.sum()
      for row in whole..<length { sum += term(row, 0) }
      result[0] = sum
      return
    }
    for i in 0..<inner { result[i] = 0 }
    for row in 0..<length { for i in 0..<inner { result[i] += term(row, i) } }
  }

  /// Calls `body` for each outer position with the offset of its values and some rows of memory.
  private func forEachBlock(scratch rows: Int, _ body: (_ start: Int, _ scratch: Floats) -> Void) {
    OpenMP.split(outer) { range in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * inner) { scratch in
        guard let scratch = scratch.baseAddress else { return }
        for block in range { body(block * length * inner, scratch) }
      }
    }
  }
}
