import CHost
import COneDNN
import Graphs
import Tensors

/// Max pooling of values whose channels come in whole vectors, and its gradient.
///
/// oneDNN's own takes several times as long as reading the values does. Rows are independent, and the
/// cotangents of overlapping windows are added in one order, whatever the batch.
struct MaxPoolKernel {
  private let pooling: gibbon_pooling
  private let batch: Int

  /// The kernel, if it suits the pooling and the layouts.
  init?(_ window: Window, x: MemoryDescriptor, y: MemoryDescriptor) {
    guard window.kernel.height * window.kernel.width <= 256, let input = x.channelBlocks,
      let result = y.channelBlocks, input.blocks == result.blocks
    else { return nil }
    let (xExtents, yExtents) = (x.extents, y.extents)
    batch = xExtents[0]
    pooling = gibbon_pooling(
      blocks: input.blocks, vectors: input.vectors, height: xExtents[2], width: xExtents[3],
      result_height: yExtents[2], result_width: yExtents[3], kernel_height: window.kernel.height,
      kernel_width: window.kernel.width, stride_height: window.stride.height,
      stride_width: window.stride.width, padding_height: window.paddingBefore.height,
      padding_width: window.paddingBefore.width, x: input.strides, y: result.strides)
  }

  /// A place for the winners of y: a byte for each value.
  static func winners(of y: MemoryDescriptor, on planner: Planner) -> Placement {
    planner.newBuffer(.plain([(y.byteCount / 4 + 3) / 4]))
  }

  /// Adds the step that computes y from x and remembers the winners if asked.
  func emit(x: Placement, y: Placement, winners: Placement?, on planner: Planner) {
    let (pooling, batch) = (pooling, batch)
    planner.emitHost([x, y] + (winners.map { [$0] } ?? [])) { pointers in
      let (x, y) = (pointers[0], pointers[1])
      let winners = pointers.count > 2 ? pointers[2] : nil
      OpenMP.split(batch) { range in
        withUnsafePointer(to: pooling) {
          gibbon_max_pooling(
            $0, x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self),
            winners?.assumingMemoryBound(to: UInt8.self), range.lowerBound, range.upperBound)
        }
      }
    }
  }

  /// Adds the step that computes dx from dy and the winners.
  func emitGradient(
    dy: Placement, winners: Placement, dx: Placement, on planner: Planner
  ) {
    let (pooling, batch) = (pooling, batch)
    planner.emitHost([dy, winners, dx]) { pointers in
      let (dy, winners, dx) = (pointers[0], pointers[1], pointers[2])
      OpenMP.split(batch) { range in
        withUnsafePointer(to: pooling) {
          gibbon_max_pooling_gradient(
            $0, dy.assumingMemoryBound(to: Float.self),
            winners.assumingMemoryBound(to: UInt8.self), dx.assumingMemoryBound(to: Float.self),
            range.lowerBound, range.upperBound)
        }
      }
    }
  }
}
