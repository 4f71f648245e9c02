import CKernels
import COneDNN
import Graphs
import Models
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
    guard window.kernel.height * window.kernel.width <= 255, let input = x.channelBlocks,
      let result = y.channelBlocks, input.blocks == result.blocks
    else { return nil }
    let (xExtents, yExtents) = (x.extents, y.extents)
    batch = xExtents[0]
    pooling = gibbon_pooling(
      blocks: input.blocks, vectors: input.vectors, height: xExtents[2], width: xExtents[3],
      result_height: yExtents[2], result_width: yExtents[3], kernel_height: window.kernel.height,
      kernel_width: window.kernel.width, stride_height: window.stride.height,
      stride_width: window.stride.width, padding_height: window.paddingBefore.height,
      padding_width: window.paddingBefore.width, x: input.strides, y: result.strides,
      relu: 0)
  }

  /// A place for the winners of y: a byte for each value.
  static func winners(of y: MemoryDescriptor, on planner: Planner) -> Placement {
    planner.newBuffer(.plain([(y.byteCount / 4 + 3) / 4]))
  }

  /// Adds the step that computes y from x, with a ReLU or without, and remembers the winners if asked.
  func emit(x: Placement, y: Placement, relu: Bool, winners: Placement?, on planner: Planner) {
    var pooling = pooling
    pooling.relu = relu ? 1 : 0
    let (fused, batch) = (pooling, batch)
    planner.emitHost(
      relu ? "max pooling and ReLU" : "max pooling", [x, y] + (winners.map { [$0] } ?? [])
    ) { pointers in
      let (x, y) = (pointers[0], pointers[1])
      let winners = pointers.count > 2 ? pointers[2] : nil
      OpenMP.split(batch) { range in
        withUnsafePointer(to: fused) {
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
    planner.emitHost("max pooling's gradient", [dy, winners, dx]) { pointers in
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

extension Planner {
  /// The ReLU that alone uses a value, if there is one.
  func reluAfter(_ value: Value) -> Value? {
    guard useCounts[value.index] == 1, !isOutput(value), let user = users(of: value).first,
      case .operation(let op, _, _) = graph[user], op as? Elementwise == Elementwise(.relu)
    else { return nil }
    return user
  }

  /// The cotangent of a ReLU and the pooling before it, if a value is the ReLU's gradient and only this pooling needs
  /// it: the winners that the pooling remembers leave out what the ReLU stopped.
  func cotangentBeyondReLU(_ value: Value) -> (cotangent: Value, pooled: Value)? {
    guard useCounts[value.index] == 1, !isOutput(value), let user = users(of: value).first,
      case .operation(let scatter, let scattered, _) = graph[user],
      let pooling = (scatter as? MaxPoolScatter)?.pooling, scattered[0] == value,
      case .operation(let op, let operands, _) = graph[value], op is ReLUGradient,
      case .operation(let relu, let pooled, _) = graph[operands[1]],
      relu as? Elementwise == Elementwise(.relu), isDefined(pooled[0]), isDefined(operands[1]),
      case .operation(let forward, let x, _) = graph[pooled[0]], forward as? MaxPool == pooling,
      x[0] == scattered[1], workspace(of: pooled[0]) != nil, isGated(pooled[0])
    else { return nil }
    return (operands[0], pooled[0])
  }
}
