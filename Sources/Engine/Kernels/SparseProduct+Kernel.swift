import CKernels
import Graphs
import Models
import Tensors

extension SparseProduct {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let x = try planner.place(operands[0])
    if let kernel = SparseRows(matrix, axis: axis, of: x.layout) {
      let y = try planner.define(value, as: kernel.result)
      kernel.emit(x, y, on: planner)
      return
    }
    let kernel = SparseRows(matrix, axis: axis, of: planner.shape(of: operands[0]))
    let y = try planner.define(value, as: kernel.result)
    kernel.emit(try planner.placePlain(operands[0]), y, on: planner)
  }
}

extension Gather {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let matrix = SparseMatrix(
      selecting: indices, of: planner.shape(of: operands[0])[axis])
    try SparseProduct(matrix, axis: axis).lower(value, operands, on: planner)
  }
}

/// Weighted sums of blocks of contiguous values, as the rows of a sparse matrix say.
///
/// Blocks are added in the order of the row's entries, whatever the batch and the threads.
struct SparseRows {
  /// The layout of the result.
  let result: MemoryDescriptor
  private let matrix: SparseMatrix
  private let outer: Int
  private let inner: Int

  /// The kernel along any axis of row-major values.
  init(_ matrix: SparseMatrix, axis: Int, of shape: Shape) {
    self.matrix = matrix
    outer = shape.extents[..<axis].reduce(1, *)
    inner = shape.extents[(axis + 1)...].reduce(1, *)
    result = .plain(shape.replacing(axis: axis, with: matrix.rowCount))
  }

  /// The kernel along the height or width of images whose channels lie in whole vectors; `nil` for others.
  init?(_ matrix: SparseMatrix, axis: Int, of layout: MemoryDescriptor) {
    var extents = layout.extents
    guard axis == 2 || axis == 3, matrix.rowCount > 0, let blocks = layout.channelBlocks,
      layout.byteCount == extents.reduce(MemoryLayout<Float>.stride, *)
    else { return nil }
    let count = extents.reduce(1, *)
    self.matrix = matrix
    inner = axis == 2 ? Int(blocks.strides.row) : Int(blocks.strides.column)
    guard inner > 0, axis == 2 || Int(blocks.strides.row) == inner * extents[3] else { return nil }
    outer = count / (inner * extents[axis])
    extents[axis] = matrix.rowCount
    result = .blocked(like: layout, extents)
    guard let found = result.channelBlocks, found.blocks == blocks.blocks,
      found.vectors == blocks.vectors
    else { return nil }
  }

  /// Adds the step.
  func emit(_ x: Placement, _ y: Placement, on planner: Planner) {
    let (rows, columns) = (matrix.rowCount, matrix.columnCount)
    planner.emitHost("sparse product", [x, y]) { pointers in
      let source = UnsafePointer(pointers[0].assumingMemoryBound(to: Float.self))
      let target = pointers[1].assumingMemoryBound(to: Float.self)
      matrix.starts.withUnsafeBufferPointer { starts in
        matrix.columns.withUnsafeBufferPointer { places in
          matrix.weights.withUnsafeBufferPointer { weights in
            let entries = Entries(starts: starts, columns: places, weights: weights)
            OpenMP.split(outer * rows) { range in
              var block = range.lowerBound / max(rows, 1)
              var row = range.lowerBound % max(rows, 1)
              for index in range {
                entries.sum(
                  row: row, source + block * columns * inner, target + index * inner, inner)
                row += 1
                if row == rows { (block, row) = (block + 1, 0) }
              }
            }
          }
        }
      }
    }
  }

  private struct Entries {
    let starts: UnsafeBufferPointer<Int>
    let columns: UnsafeBufferPointer<Int>
    let weights: UnsafeBufferPointer<Float>

    @inline(__always)
    func sum(
      row: Int, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>,
      _ inner: Int
    ) {
      let (first, end) = (starts[row], starts[row + 1])
      if inner == 1 {
        var sum: Float = 0
        for entry in first..<end { sum += weights[entry] * source[columns[entry]] }
        target[0] = sum
        return
      }
      if end == first + 1, weights[first] == 1 {
        target.update(from: source + columns[first] * inner, count: inner)
        return
      }
      let whole = inner / 8 * 8
      for start in stride(from: 0, to: whole, by: 8) {
        var sum = SIMD8<Float>()
        for entry in first..<end {
          let place = source + columns[entry] * inner + start
          sum += weights[entry] * UnsafeRawPointer(place).loadUnaligned(as: SIMD8<Float>.self)
        }
        UnsafeMutableRawPointer(target + start).storeBytes(of: sum, as: SIMD8<Float>.self)
      }
      for i in whole..<inner {
        var sum: Float = 0
        for entry in first..<end { sum += weights[entry] * source[columns[entry] * inner + i] }
        target[i] = sum
      }
    }
  }
}
