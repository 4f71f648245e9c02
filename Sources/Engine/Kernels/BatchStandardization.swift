import COneDNN
import Graphs
import Tensors

/// A standardisation by mean and variance per channel over the batch, where the graph has these two as well.
///
/// oneDNN computes all three in one step; its gradient reads mean and variance again.
struct BatchStandardization {
  private let standardization: Standardize
  private let x: Value
  private let mean: Value
  private let variance: Value

  /// The kernel; `nil` if other axes are averaged over, or if nothing else asks for mean and variance.
  init?(_ standardization: Standardize, of x: Value, on planner: Planner) {
    let rank = planner.shape(of: x).rank
    guard rank == 2 || rank == 4,
      standardization.axes == (0..<rank).filter({ $0 != 1 }),
      let mean = planner.user(of: x, by: Reduce(axes: standardization.axes, isMean: true)),
      let variance = planner.user(of: x, by: Variance(axes: standardization.axes))
    else { return nil }
    self.standardization = standardization
    self.x = x
    self.mean = mean
    self.variance = variance
  }

  /// Adds the step of values, mean and variance.
  func lower(_ value: Value, on planner: Planner) throws(EngineError) {
    let source = try planner.place(x)
    let layout = seen(source.layout)
    let descriptor = try PrimitiveDescriptor.batchStandardization(
      layout, epsilon: standardization.epsilon)
    let channels = MemoryDescriptor.plain(planner.shape(of: mean))
    var arguments = [
      (argument: DNNL_ARG_SRC, placement: Placement(layout: layout, storage: source.storage))
    ]
    let target = try planner.define(value, as: source.layout)
    arguments.append((DNNL_ARG_DST, Placement(layout: layout, storage: target.storage)))
    for (argument, statistic) in [(DNNL_ARG_MEAN, mean), (DNNL_ARG_VARIANCE, variance)] {
      arguments.append((argument, try planner.define(statistic, as: channels)))
    }
    try planner.emit(descriptor, arguments)
  }

  /// Adds the step of the gradient.
  func lowerGradient(_ value: Value, dy: Value, on planner: Planner) throws(EngineError) {
    let source = try planner.place(x)
    let layout = seen(source.layout)
    let descriptor = try PrimitiveDescriptor.batchStandardizationGradient(
      layout, epsilon: standardization.epsilon)
    let cotangent = try planner.place(dy, as: source.layout)
    let result = try planner.define(value, as: source.layout)
    try planner.emit(
      descriptor,
      [
        (DNNL_ARG_SRC, Placement(layout: layout, storage: source.storage)),
        (DNNL_ARG_MEAN, try planner.placePlain(mean)),
        (DNNL_ARG_VARIANCE, try planner.placePlain(variance)),
        (DNNL_ARG_DIFF_DST, Placement(layout: layout, storage: cotangent.storage)),
        (DNNL_ARG_DIFF_SRC, Placement(layout: layout, storage: result.storage)),
      ])
  }

  /// Rows of a matrix seen as images of one pixel, for which oneDNN has fast kernels.
  private func seen(_ layout: MemoryDescriptor) -> MemoryDescriptor {
    let extents = layout.extents
    return extents.count == 2 ? .plain(Shape(extents + [1, 1])) : layout
  }
}

extension Planner {
  /// The first value that is an operator applied to a value alone.
  fileprivate func user(of x: Value, by op: some Operator) -> Value? {
    users(of: x).first { user in
      guard case .operation(let found, let operands, _) = graph[user] else { return false }
      return operands == [x] && AnyHashable(found) == AnyHashable(op)
    }
  }
}
