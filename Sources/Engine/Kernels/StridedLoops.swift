import Models
import Tensors

/// The positions of row-major results and of the operands that they are made from, each by its own strides.
///
/// A stride of zero repeats an operand. Axes that all operands run through alike are joined, so that what is
/// contiguous everywhere becomes one long row.
struct StridedLoop {
  private typealias Axis = (extent: Int, strides: [Int])

  /// The extents outside the row, outermost first, with each operand's strides.
  private let outer: [Axis]
  /// The length of a row.
  let length: Int
  /// Each operand's distance between neighbours of a row.
  let strides: [Int]
  /// The number of rows.
  private let rows: Int

  /// Creates the loop over a shape; each operand has a stride for each axis.
  init(_ shape: Shape, strides: [[Int]]) {
    var axes: [Axis] = []
    for axis in 0..<shape.rank where shape[axis] != 1 {
      let steps = strides.map { $0[axis] }
      if let last = axes.last,
        zip(last.strides, steps).allSatisfy({ $0 == $1 * shape[axis] })
      {
        axes[axes.count - 1] = (last.extent * shape[axis], steps)
      } else {
        axes.append((shape[axis], steps))
      }
    }
    let row = axes.popLast() ?? (1, [Int](repeating: 1, count: strides.count))
    outer = axes
    (length, self.strides) = (row.extent, row.strides)
    rows = axes.reduce(1) { $0 * $1.extent }
  }

  /// Calls `body` for parts of rows, on all threads, with where the part lies in the result and in each operand.
  func forEachPart(
    _ body: (_ target: Int, _ sources: UnsafeMutablePointer<Int>, _ count: Int) -> Void
  ) {
    if rows >= 2 * OpenMP.threadCount {
      OpenMP.split(rows) { range in visit(range, 0..<length, body) }
    } else {
      // Whole vectors, so that only the last part has a rest.
      OpenMP.split((length + 7) / 8) { range in
        visit(0..<rows, range.lowerBound * 8..<min(range.upperBound * 8, length), body)
      }
    }
  }

  private func visit(
    _ range: Range<Int>, _ part: Range<Int>,
    _ body: (_ target: Int, _ sources: UnsafeMutablePointer<Int>, _ count: Int) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: strides.count) { places in
      guard let sources = places.baseAddress else { return }
      for row in range {
        for operand in 0..<strides.count { sources[operand] = part.lowerBound * strides[operand] }
        var rest = row
        for axis in outer.reversed() {
          let position = rest % axis.extent
          rest /= axis.extent
          for operand in 0..<strides.count {
            sources[operand] += position * axis.strides[operand]
          }
        }
        body(row * length + part.lowerBound, sources, part.count)
      }
    }
  }
}

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
