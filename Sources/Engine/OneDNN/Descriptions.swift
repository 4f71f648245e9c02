import COneDNN
import Graphs

extension PrimitiveDescriptor {
  /// y = x times weight transposed (+ bias) (then the attributes).
  static func innerProduct(
    x: MemoryDescriptor, weight: MemoryDescriptor, bias: MemoryDescriptor?, y: MemoryDescriptor,
    attributes: Attributes?
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (x, weight, y) = (x.raw, weight.raw, y.raw)
    var description = dnnl_inner_product_desc_t()
    let status = withOptionalPointer(to: bias?.raw) {
      dnnl_inner_product_forward_desc_init(
        &description, dnnl_forward_inference, &x, &weight, $0, &y)
    }
    try check(status, "inner_product_forward")
    return try create(description, attributes: attributes, "inner_product_forward")
  }

  /// dweight = dy transposed times x (and dbias).
  static func innerProductWeightGradient(
    x: MemoryDescriptor, dweight: MemoryDescriptor, dbias: MemoryDescriptor?, dy: MemoryDescriptor,
    hint: PrimitiveDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (x, dweight, dy) = (x.raw, dweight.raw, dy.raw)
    var description = dnnl_inner_product_desc_t()
    let status = withOptionalPointer(to: dbias?.raw) {
      dnnl_inner_product_backward_weights_desc_init(&description, &x, &dweight, $0, &dy)
    }
    try check(status, "inner_product_backward_weights")
    return try create(description, hint: hint, "inner_product_backward_weights")
  }

  /// The product of two matrices given by strides.
  static func matrixMultiply(
    _ left: MemoryDescriptor, _ right: MemoryDescriptor, _ result: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (left, right, result) = (left.raw, right.raw, result.raw)
    var description = dnnl_matmul_desc_t()
    try check(dnnl_matmul_desc_init(&description, &left, &right, nil, &result), "matmul")
    return try create(description, "matmul")
  }

  /// A function of each element.
  static func elementwise(
    _ algorithm: dnnl_alg_kind_t, _ x: MemoryDescriptor, alpha: Float, beta: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    var x = x.raw
    var description = dnnl_eltwise_desc_t()
    try check(
      dnnl_eltwise_forward_desc_init(
        &description, dnnl_forward_inference, algorithm, &x, alpha, beta), "eltwise_forward")
    return try create(description, "eltwise_forward")
  }

  /// dx = dy where y > 0, else 0.
  static func reluGradient(
    y: MemoryDescriptor, dy: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (yRaw, dyRaw) = (y.raw, dy.raw)
    var forward = dnnl_eltwise_desc_t()
    try check(
      dnnl_eltwise_forward_desc_init(
        &forward, dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, &yRaw, 0, 0),
      "eltwise_forward")
    let hint = try create(forward, "eltwise_forward")
    var description = dnnl_eltwise_desc_t()
    try check(
      dnnl_eltwise_backward_desc_init(
        &description, dnnl_eltwise_relu_use_dst_for_bwd, &dyRaw, &yRaw, 0, 0), "eltwise_backward")
    return try create(description, hint: hint, "eltwise_backward")
  }

  /// The sum or product of two values; extents of 1 in the right one are repeated.
  static func binary(
    _ algorithm: dnnl_alg_kind_t, _ left: MemoryDescriptor, _ right: MemoryDescriptor,
    _ result: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (left, right, result) = (left.raw, right.raw, result.raw)
    var description = dnnl_binary_desc_t()
    try check(dnnl_binary_desc_init(&description, algorithm, &left, &right, &result), "binary")
    return try create(description, "binary")
  }

  /// The sum or mean over the axes along which the result has extent 1.
  static func reduction(
    _ algorithm: dnnl_alg_kind_t, _ x: MemoryDescriptor, _ result: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (x, result) = (x.raw, result.raw)
    var description = dnnl_reduction_desc_t()
    try check(dnnl_reduction_desc_init(&description, algorithm, &x, &result, 0, 0), "reduction")
    return try create(description, "reduction")
  }

  /// The softmax or its logarithm along one axis.
  static func softmax(
    logarithm: Bool, _ x: MemoryDescriptor, axis: Int
  ) throws(EngineError) -> PrimitiveDescriptor {
    var x = x.raw
    if logarithm {
      var description = dnnl_logsoftmax_desc_t()
      try check(
        dnnl_logsoftmax_forward_desc_init(&description, dnnl_forward_inference, &x, Int32(axis)),
        "logsoftmax_forward")
      return try create(description, "logsoftmax_forward")
    }
    var description = dnnl_softmax_desc_t()
    try check(
      dnnl_softmax_forward_desc_init(&description, dnnl_forward_inference, &x, Int32(axis)),
      "softmax_forward")
    return try create(description, "softmax_forward")
  }

  /// Pooling; training keeps the winners of max pooling in a workspace.
  static func pooling(
    _ algorithm: dnnl_alg_kind_t, _ window: Window, x: MemoryDescriptor, y: MemoryDescriptor,
    training: Bool
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (x, y) = (x.raw, y.raw)
    let geometry = ConvolutionGeometry(window)
    var description = dnnl_pooling_desc_t()
    try check(
      dnnl_pooling_forward_desc_init(
        &description, training ? dnnl_forward_training : dnnl_forward_inference, algorithm, &x, &y,
        geometry.strides, window.kernelExtents, geometry.before, geometry.after),
      "pooling_forward")
    return try create(description, "pooling_forward")
  }

  /// dx from dy (and from the workspace of max pooling).
  static func poolingGradient(
    _ algorithm: dnnl_alg_kind_t, _ window: Window, dx: MemoryDescriptor, dy: MemoryDescriptor,
    hint: PrimitiveDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (dx, dy) = (dx.raw, dy.raw)
    let geometry = ConvolutionGeometry(window)
    var description = dnnl_pooling_desc_t()
    try check(
      dnnl_pooling_backward_desc_init(
        &description, algorithm, &dx, &dy, geometry.strides, window.kernelExtents,
        geometry.before, geometry.after), "pooling_backward")
    return try create(description, hint: hint, "pooling_backward")
  }

  /// The same values in another layout.
  static func reorder(
    from source: MemoryDescriptor, to target: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    let engine = try Runtime.shared().engine
    var (source, target) = (source.raw, target.raw)
    var raw: dnnl_primitive_desc_t?
    try check(
      dnnl_reorder_primitive_desc_create(&raw, &source, engine, &target, engine, nil), "reorder")
    guard let raw else { throw .library(call: "reorder", status: -1) }
    return PrimitiveDescriptor(raw, "reorder")
  }

  /// Values joined along one axis.
  static func concatenation(
    _ parts: [MemoryDescriptor], axis: Int, into result: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    let engine = try Runtime.shared().engine
    var result = result.raw
    var raw: dnnl_primitive_desc_t?
    try check(
      dnnl_concat_primitive_desc_create(
        &raw, &result, Int32(parts.count), Int32(axis), parts.map(\.raw), nil, engine), "concat")
    guard let raw else { throw .library(call: "concat", status: -1) }
    return PrimitiveDescriptor(raw, "concat")
  }
}

extension Window {
  fileprivate var kernelExtents: [dnnl_dim_t] {
    [dnnl_dim_t(kernel.height), dnnl_dim_t(kernel.width)]
  }
}
