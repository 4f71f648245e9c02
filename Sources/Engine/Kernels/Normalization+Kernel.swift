import COneDNN
import Graphs
import Tensors

extension BatchNormalization {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let shape = planner.shape(of: value)
    let isImage = shape.rank == 4
    let x = isImage ? try planner.place(operands[0]) : try planner.placePlain(operands[0])
    let y = try planner.define(value, as: x.layout, inPlaceOf: operands[0])
    // oneDNN has fast kernels for images only; other values are seen as such.
    let seen = isImage ? x.layout : .plain(shape.asImage)
    let descriptor = try PrimitiveDescriptor.batchNormalization(seen, epsilon: epsilon)
    var arguments = [
      (argument: DNNL_ARG_SRC, placement: Placement(layout: seen, storage: x.storage)),
      (DNNL_ARG_DST, Placement(layout: seen, storage: y.storage)),
    ]
    for (argument, operand) in zip(
      [DNNL_ARG_SCALE, DNNL_ARG_SHIFT, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE], operands[1...])
    {
      arguments.append((argument, try planner.placePlain(operand)))
    }
    try planner.emit(descriptor, arguments)
  }
}

extension Shape {
  /// The extents with all axes behind the channels as one row of an image.
  fileprivate var asImage: Shape { [extents[0], extents[1], 1, extents[2...].reduce(1, *)] }
}

extension Standardize {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    if let batch = BatchStandardization(self, of: operands[0], on: planner) {
      try batch.lower(value, on: planner)
      return
    }
    guard let rows = StridedRows(planner.shape(of: value), axes: axes) else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let x = try planner.placePlain(operands[0])
    let y = try planner.define(value, as: x.layout, inPlaceOf: operands[0])
    let epsilon = epsilon
    planner.emitHost("standardize", [x, y]) { pointers in
      rows.standardize(pointers[0], to: pointers[1], epsilon: epsilon)
    }
  }
}

extension StandardizeGradient {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    if let batch = BatchStandardization(standardization, of: operands[0], on: planner) {
      try batch.lowerGradient(value, dy: operands[1], on: planner)
      return
    }
    guard let rows = StridedRows(planner.shape(of: value), axes: standardization.axes) else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let x = try planner.placePlain(operands[0])
    let dy = try planner.placePlain(operands[1])
    let dx = try planner.define(value, as: x.layout)
    let epsilon = standardization.epsilon
    planner.emitHost("standardize gradient", [x, dy, dx]) { pointers in
      rows.standardizeGradient(pointers[0], pointers[1], to: pointers[2], epsilon: epsilon)
    }
  }
}

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
