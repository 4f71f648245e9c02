import CKernels
import COneDNN
import Graphs
import Models
import Tensors

extension Convolution {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try lower(value, x: operands[0], weight: operands[1], epilogue: Epilogue(), on: planner)
  }

  /// Lowers the convolution together with what follows it.
  func lower(
    _ value: Value, x: Value, weight: Value, epilogue: Epilogue, on planner: Planner
  ) throws(EngineError) {
    let (xShape, yShape) = (planner.shape(of: x), planner.shape(of: value))
    let signature = ConvolutionSignature(self, x: xShape, y: yShape, .forward)
    switch try planner.algorithms.algorithm(for: signature) {
    case .direct:
      try lowerDirect(value, x: x, weight: weight, epilogue: epilogue, on: planner)
    case .winograd(let tile):
      let kernel = try WinogradConvolution(
        self, tile: tile, from: x, shape: yShape, isGradient: false, on: planner)
      try kernel.lower(value, weight: weight, epilogue: epilogue, on: planner)
    }
  }

  private func lowerDirect(
    _ value: Value, x: Value, weight: Value, epilogue: Epilogue, on planner: Planner
  ) throws(EngineError) {
    let view = weightLayout(planner.shape(of: weight))
    let bias: Placement? = if let bias = epilogue.bias { try planner.placePlain(bias) } else { nil }
    let (xShape, yShape) = (planner.shape(of: x), planner.shape(of: value))
    func descriptor(_ attributes: Attributes) throws(EngineError) -> PrimitiveDescriptor {
      try .convolution(
        window, x: .any(xShape), weight: .any(view.extents),
        bias: bias?.layout, y: .any(yShape), attributes: attributes)
    }
    // What is added first must be added in the same step, or the ReLU has to wait.
    var chosen = try descriptor(Attributes(relu: epilogue.relu && epilogue.addend == nil))
    var rest = epilogue.addend == nil ? Epilogue() : epilogue
    if epilogue.addend != nil {
      let layout = chosen.layout(dnnl_query_dst_md)
      let summing = try descriptor(Attributes(addend: layout, relu: epilogue.relu))
      if summing.implementation == chosen.implementation,
        summing.layout(dnnl_query_dst_md) == layout
      {
        chosen = summing
        rest = Epilogue()
      }
    }
    let layout = chosen.layout(dnnl_query_dst_md)
    var arguments = [
      (
        argument: DNNL_ARG_SRC,
        placement: try planner.place(x, as: chosen.layout(dnnl_query_src_md))
      ),
      (
        DNNL_ARG_WEIGHTS,
        try planner.place(weight, as: chosen.layout(dnnl_query_weights_md), view: view)
      ),
    ]
    if let bias { arguments.append((DNNL_ARG_BIAS, bias)) }
    if let addend = epilogue.addend, rest.addend == nil {
      arguments.append((Attributes.addendArgument, try planner.place(addend, as: layout)))
    }
    let y = try planner.define(value, as: layout)
    try planner.emit(chosen, arguments + [(DNNL_ARG_DST, y)])
    rest.bias = nil
    try planner.lower(value, from: y, rest: rest)
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
      window, x: .any(x), weight: .any(weight.extents), bias: nil,
      y: .any(y), attributes: nil, training: true)
  }
}

extension ConvolutionInputGradient {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try lower(value, dy: operands[0], weight: operands[1], epilogue: Epilogue(), on: planner)
  }

  /// Lowers the gradient together with what follows it.
  func lower(
    _ value: Value, dy: Value, weight: Value, epilogue: Epilogue, on planner: Planner
  ) throws(EngineError) {
    let (dxShape, dyShape) = (planner.shape(of: value), planner.shape(of: dy))
    if let kernel = FewChannelGradient(self, x: dxShape, y: dyShape) {
      let dx = try kernel.lower(value, dy: dy, weight: weight, on: planner)
      try planner.lower(value, from: dx, rest: epilogue)
      return
    }
    let signature = ConvolutionSignature(convolution, x: dxShape, y: dyShape, .inputGradient)
    switch try planner.algorithms.algorithm(for: signature) {
    case .direct:
      let dx = try lowerDirect(value, dy: dy, weight: weight, on: planner)
      try planner.lower(value, from: dx, rest: epilogue)
    case .winograd(let tile):
      let kernel = try WinogradConvolution(
        convolution, tile: tile, from: dy, shape: dxShape, isGradient: true, on: planner)
      try kernel.lower(value, weight: weight, epilogue: epilogue, on: planner)
    }
  }

  private func lowerDirect(
    _ value: Value, dy: Value, weight: Value, on planner: Planner
  ) throws(EngineError) -> Placement {
    let (dxShape, dyShape) = (planner.shape(of: value), planner.shape(of: dy))
    let view = convolution.weightLayout(planner.shape(of: weight))
    let hint = try convolution.hint(x: dxShape, weight: view, y: dyShape)
    let descriptor = try PrimitiveDescriptor.convolutionInputGradient(
      convolution.window, dx: .any(dxShape), weight: .any(view.extents),
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
    return dx
  }
}

extension ConvolutionWeightGradient {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let (x, dy) = (operands[0], operands[1])
    let signature = ConvolutionSignature(
      convolution, x: planner.shape(of: x), y: planner.shape(of: dy), .weightGradient)
    if case .winograd(let tile) = try planner.algorithms.algorithm(for: signature) {
      try WinogradWeightGradient(convolution, tile: tile, x: x, dy: dy, on: planner)
        .lower(value, on: planner)
      return
    }
    let shape = planner.shape(of: value)
    let view = convolution.weightLayout(shape)
    let (xShape, dyShape) = (planner.shape(of: x), planner.shape(of: dy))
    let hint = try convolution.hint(x: xShape, weight: view, y: dyShape)
    let bias = planner.biasGradient(of: dy)
    let biasLayout = bias.map { MemoryDescriptor.plain(planner.shape(of: $0)) }
    let descriptor = try PrimitiveDescriptor.convolutionWeightGradient(
      convolution.window, x: .any(xShape), dweight: .any(view.extents),
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

/// The input gradient of a convolution on one to four channels, such as an image's.
///
/// oneDNN pads the input's channels to a vector and so computes up to sixteen times too much; here
/// vectors run along the rows of the kernel instead. Rows are independent, whatever the batch.
struct FewChannelGradient {
  private let gradient: ConvolutionInputGradient
  private let x: Shape
  private let y: Shape

  /// The kernel, if it suits the convolution.
  init?(_ gradient: ConvolutionInputGradient, x: Shape, y: Shape) {
    let window = gradient.convolution.window
    guard gradient.convolution.groups == 1, x[1] <= 4, y[1] % 8 == 0, window.kernel.width <= 8,
      window.dilation == 1
    else { return nil }
    self.gradient = gradient
    self.x = x
    self.y = y
  }

  /// Adds the step.
  func lower(
    _ value: Value, dy: Value, weight: Value, on planner: Planner
  ) throws(EngineError) -> Placement {
    var source = try planner.place(dy)
    if source.layout.channelBlocks == nil {
      source = try planner.place(dy, as: .channelsLast(y.extents))
    }
    guard let blocks = source.layout.channelBlocks else {
      preconditionFailure("channels last come in whole vectors")
    }
    let shape = planner.shape(of: weight)
    let packed = try planner.place(
      weight: weight, key: "rows of 8", count: shape.count / shape[3] * 8
    ) { Self.pack($0, shape, to: $1) }
    let dx = try planner.define(value, as: .plain(x))
    let convolution = description(blocks)
    let canvas = withUnsafePointer(to: convolution) { gibbon_convolution_canvas($0) }
    let batch = x[0]
    planner.emitHost("few channels' gradient", [source, packed, dx]) { pointers in
      let floats = pointers.map { $0.assumingMemoryBound(to: Float.self) }
      OpenMP.split(batch) { range in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: canvas) { canvas in
          withUnsafePointer(to: convolution) {
            gibbon_convolution_input_gradient(
              $0, floats[0], floats[1], canvas.baseAddress, floats[2], range.lowerBound,
              range.upperBound)
          }
        }
      }
    }
    return dx
  }

  private func description(_ dy: ChannelBlocks) -> gibbon_convolution {
    let window = gradient.convolution.window
    return gibbon_convolution(
      channels: x[1], height: x[2], width: x[3], kernel_height: window.kernel.height,
      kernel_width: window.kernel.width, stride_height: window.stride.height,
      stride_width: window.stride.width, padding_height: window.paddingBefore.height,
      padding_width: window.paddingBefore.width, blocks: dy.blocks, vectors: dy.vectors,
      result_height: y[2], result_width: y[3], dy: dy.strides)
  }

  /// O x C x kh x kw -> C x O x kh x 8.
  private static func pack(
    _ weight: UnsafePointer<Float>, _ shape: Shape, to packed: UnsafeMutablePointer<Float>
  ) {
    let (outputs, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    packed.update(repeating: 0, count: outputs * channels * height * 8)
    for output in 0..<outputs {
      for channel in 0..<channels {
        for row in 0..<height {
          let source = ((output * channels + channel) * height + row) * width
          let target = ((channel * outputs + output) * height + row) * 8
          (packed + target).update(from: weight + source, count: width)
        }
      }
    }
  }
}
