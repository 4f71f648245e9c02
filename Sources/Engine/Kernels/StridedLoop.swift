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
