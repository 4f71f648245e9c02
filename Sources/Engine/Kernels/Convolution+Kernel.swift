import COneDNN
import Graphs
import Tensors

extension Convolution: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try lower(
      value, x: operands[0], weight: operands[1], bias: nil, relu: false, on: planner)
  }

  /// Lowers the convolution together with what follows it.
  func lower(
    _ value: Value, x: Value, weight: Value, bias: Value?, relu: Bool, on planner: Planner
  ) throws(EngineError) {
    let weightView = weightLayout(planner.shape(of: weight))
    let biasPlacement: Placement? = if let bias { try planner.placePlain(bias) } else { nil }
    let descriptor = try PrimitiveDescriptor.convolution(
      ConvolutionGeometry(window), x: .any(planner.shape(of: x)),
      weight: .any(weightView.extents), bias: biasPlacement?.layout,
      y: .any(planner.shape(of: value)), attributes: try Attributes(relu: relu))
    var arguments = [
      (
        argument: DNNL_ARG_SRC,
        placement: try planner.place(x, as: descriptor.layout(dnnl_query_src_md))
      ),
      (
        DNNL_ARG_WEIGHTS,
        try planner.place(
          weight, as: descriptor.layout(dnnl_query_weights_md), view: weightView)
      ),
      (DNNL_ARG_DST, try planner.define(value, as: descriptor.layout(dnnl_query_dst_md))),
    ]
    if let biasPlacement { arguments.append((DNNL_ARG_BIAS, biasPlacement)) }
    try planner.emit(descriptor, arguments)
  }

  /// The row-major layout of a weight of this convolution; oneDNN wants the groups as an axis.
  func weightLayout(_ shape: Shape) -> MemoryDescriptor {
    groups == 1
      ? .plain(shape)
      : .plain(Shape([groups, shape[0] / groups] + shape.extents.dropFirst()))
  }

  /// A forward descriptor that a gradient's descriptor is derived from.
  func hint(
    x: Shape, weight: MemoryDescriptor, y: Shape
  ) throws(EngineError) -> PrimitiveDescriptor {
    try .convolution(
      ConvolutionGeometry(window), x: .any(x), weight: .any(weight.extents), bias: nil,
      y: .any(y), attributes: nil, training: true)
  }
}

extension ConvolutionInputGradient: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let (dy, weight) = (operands[0], operands[1])
    let (dxShape, dyShape) = (planner.shape(of: value), planner.shape(of: dy))
    if let kernel = FewChannelGradient(self, x: dxShape, y: dyShape) {
      try kernel.lower(value, dy: dy, weight: weight, on: planner)
      return
    }
    let view = convolution.weightLayout(planner.shape(of: weight))
    let hint = try convolution.hint(x: dxShape, weight: view, y: dyShape)
    let descriptor = try PrimitiveDescriptor.convolutionInputGradient(
      ConvolutionGeometry(convolution.window), dx: .any(dxShape), weight: .any(view.extents),
      dy: .any(dyShape), hint: hint)
    let weightPlacement = try planner.place(
      weight, as: descriptor.layout(dnnl_query_weights_md), view: view)
    let dyPlacement = try planner.place(dy, as: descriptor.layout(dnnl_query_diff_dst_md))
    let dx = try planner.define(value, as: descriptor.layout(dnnl_query_diff_src_md))
    try planner.emit(
      descriptor,
      [
        (DNNL_ARG_DIFF_DST, dyPlacement), (DNNL_ARG_WEIGHTS, weightPlacement),
        (DNNL_ARG_DIFF_SRC, dx),
      ])
  }
}

extension ConvolutionWeightGradient: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let (x, dy) = (operands[0], operands[1])
    let shape = planner.shape(of: value)
    let view = convolution.weightLayout(shape)
    let (xShape, dyShape) = (planner.shape(of: x), planner.shape(of: dy))
    let hint = try convolution.hint(x: xShape, weight: view, y: dyShape)
    let bias = planner.biasGradient(of: dy)
    let biasLayout = bias.map { MemoryDescriptor.plain(planner.shape(of: $0)) }
    let descriptor = try PrimitiveDescriptor.convolutionWeightGradient(
      ConvolutionGeometry(convolution.window), x: .any(xShape), dweight: .any(view.extents),
      dbias: biasLayout, dy: .any(dyShape), hint: hint)
    let dweight = planner.newBuffer(descriptor.layout(dnnl_query_diff_weights_md))
    var arguments = [
      (
        argument: DNNL_ARG_SRC,
        placement: try planner.place(x, as: descriptor.layout(dnnl_query_src_md))
      ),
      (
        DNNL_ARG_DIFF_DST,
        try planner.place(dy, as: descriptor.layout(dnnl_query_diff_dst_md))
      ),
      (DNNL_ARG_DIFF_WEIGHTS, dweight),
    ]
    if let bias, let biasLayout {
      arguments.append((DNNL_ARG_DIFF_BIAS, try planner.define(bias, as: biasLayout)))
    }
    try planner.emit(descriptor, arguments)
    if convolution.groups == 1 {
      planner.define(value, at: dweight)
    } else {
      let plain = planner.newBuffer(view)
      try planner.reorder(dweight, to: plain)
      planner.define(value, at: Placement(layout: .plain(shape), storage: plain.storage))
    }
  }

}

extension Planner {
  /// The sum of a cotangent over all axes but the channels, where a weight gradient can compute it along.
  func biasGradient(of dy: Value) -> Value? {
    users(of: dy).first { user in
      guard !isDefined(user), case .operation(let op, _, _) = graph[user] else { return false }
      return (op as? Reduce)?.isBiasGradient(of: shape(of: dy)) ?? false
    }
  }
}
