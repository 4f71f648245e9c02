import COneDNN
import Graphs

extension PrimitiveDescriptor {
  /// y = x times weight transposed (+ bias) (then the attributes).
  static func innerProduct(
    x: MemoryDescriptor, weight: MemoryDescriptor, bias: MemoryDescriptor?, y: MemoryDescriptor,
    attributes: Attributes?
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("inner_product_forward") {
      gibbon_dnnl_inner_product(&$0, $1, x.raw, weight.raw, bias?.raw, y.raw, attributes?.raw)
    }
  }

  /// dweight = dy transposed times x (and dbias).
  static func innerProductWeightGradient(
    x: MemoryDescriptor, dweight: MemoryDescriptor, dbias: MemoryDescriptor?, dy: MemoryDescriptor,
    hint: PrimitiveDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("inner_product_backward_weights") {
      gibbon_dnnl_inner_product_weight_gradient(
        &$0, $1, x.raw, dweight.raw, dbias?.raw, dy.raw, hint.raw)
    }
  }

  /// The product of two matrices given by strides.
  static func matrixMultiply(
    _ left: MemoryDescriptor, _ right: MemoryDescriptor, _ result: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("matmul") {
      gibbon_dnnl_matrix_multiply(&$0, $1, left.raw, right.raw, result.raw)
    }
  }

  /// A function of each element.
  static func elementwise(
    _ algorithm: dnnl_alg_kind_t, _ x: MemoryDescriptor, alpha: Float, beta: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("eltwise_forward") {
      gibbon_dnnl_elementwise(&$0, $1, dnnl_forward_inference, algorithm, x.raw, alpha, beta)
    }
  }

  /// dx = dy where y > 0, else 0.
  static func reluGradient(
    y: MemoryDescriptor, dy: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    let relu = dnnl_eltwise_relu_use_dst_for_bwd
    let hint = try create("eltwise_forward") {
      gibbon_dnnl_elementwise(&$0, $1, dnnl_forward_training, relu, y.raw, 0, 0)
    }
    return try create("eltwise_backward") {
      gibbon_dnnl_elementwise_gradient(&$0, $1, relu, y.raw, dy.raw, 0, 0, hint.raw)
    }
  }

  /// The sum or product of two values; extents of 1 in the right one are repeated.
  static func binary(
    _ algorithm: dnnl_alg_kind_t, _ left: MemoryDescriptor, _ right: MemoryDescriptor,
    _ result: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("binary") {
      gibbon_dnnl_binary(&$0, $1, algorithm, left.raw, right.raw, result.raw)
    }
  }

  /// The sum or mean over the axes along which the result has extent 1.
  static func reduction(
    _ algorithm: dnnl_alg_kind_t, _ x: MemoryDescriptor, _ result: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("reduction") { gibbon_dnnl_reduction(&$0, $1, algorithm, x.raw, result.raw) }
  }

  /// The softmax or its logarithm along one axis.
  static func softmax(
    logarithm: Bool, _ x: MemoryDescriptor, axis: Int
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create(logarithm ? "logsoftmax_forward" : "softmax_forward") {
      gibbon_dnnl_softmax(&$0, $1, logarithm ? 1 : 0, x.raw, Int32(axis))
    }
  }

  /// Pooling; training keeps the winners of max pooling in a workspace.
  static func pooling(
    _ algorithm: dnnl_alg_kind_t, _ window: Window, x: MemoryDescriptor, y: MemoryDescriptor,
    training: Bool
  ) throws(EngineError) -> PrimitiveDescriptor {
    var geometry = gibbon_dnnl_geometry(window)
    let kind = training ? dnnl_forward_training : dnnl_forward_inference
    return try create("pooling_forward") {
      gibbon_dnnl_pooling(
        &$0, $1, kind, algorithm, x.raw, y.raw, window.kernelExtents, &geometry)
    }
  }

  /// dx from dy (and from the workspace of max pooling).
  static func poolingGradient(
    _ algorithm: dnnl_alg_kind_t, _ window: Window, dx: MemoryDescriptor, dy: MemoryDescriptor,
    hint: PrimitiveDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var geometry = gibbon_dnnl_geometry(window)
    return try create("pooling_backward") {
      gibbon_dnnl_pooling_gradient(
        &$0, $1, algorithm, dx.raw, dy.raw, window.kernelExtents, &geometry, hint.raw)
    }
  }

  /// The same values in another layout.
  static func reorder(
    from source: MemoryDescriptor, to target: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("reorder") { gibbon_dnnl_reorder(&$0, $1, source.raw, target.raw) }
  }

  /// Values joined along one axis.
  static func concatenation(
    _ parts: [MemoryDescriptor], axis: Int, into result: MemoryDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    let layouts: [gibbon_dnnl_layout_t?] = parts.map(\.raw)
    return try withExtendedLifetime(parts) { () throws(EngineError) in
      try create("concat") {
        gibbon_dnnl_concatenation(
          &$0, $1, layouts, Int32(layouts.count), Int32(axis), result.raw)
      }
    }
  }
}

extension Window {
  fileprivate var kernelExtents: [dnnl_dim_t] {
    [dnnl_dim_t(kernel.height), dnnl_dim_t(kernel.width)]
  }
}

extension gibbon_dnnl_geometry {
  /// The geometry of a window in the form that oneDNN takes.
  init(_ window: Window) {
    self.init()
    strides = Self.pair(window.stride)
    dilations = Self.pair(window.dilation, minus: 1)
    before = Self.pair(window.paddingBefore)
    after = Self.pair(window.paddingAfter)
  }

  private static func pair(_ pair: Window.Pair, minus offset: Int = 0) -> dnnl_dims_t {
    let (height, width) = (dnnl_dim_t(pair.height - offset), dnnl_dim_t(pair.width - offset))
    return (height, width, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
  }
}

extension PrimitiveDescriptor {
  /// y = convolution(x, weight) (+ bias) (then the attributes).
  static func convolution(
    _ window: Window, x: MemoryDescriptor, weight: MemoryDescriptor, bias: MemoryDescriptor?,
    y: MemoryDescriptor, attributes: Attributes?, training: Bool = false
  ) throws(EngineError) -> PrimitiveDescriptor {
    var geometry = gibbon_dnnl_geometry(window)
    let kind = training ? dnnl_forward_training : dnnl_forward_inference
    return try create("convolution_forward") {
      gibbon_dnnl_convolution(
        &$0, $1, kind, x.raw, weight.raw, bias?.raw, y.raw, &geometry, attributes?.raw)
    }
  }

  /// dx from dy and weight.
  static func convolutionInputGradient(
    _ window: Window, dx: MemoryDescriptor, weight: MemoryDescriptor, dy: MemoryDescriptor,
    hint: PrimitiveDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var geometry = gibbon_dnnl_geometry(window)
    return try create("convolution_backward_data") {
      gibbon_dnnl_convolution_input_gradient(
        &$0, $1, dx.raw, weight.raw, dy.raw, &geometry, hint.raw)
    }
  }

  /// dweight (and dbias) from x and dy.
  static func convolutionWeightGradient(
    _ window: Window, x: MemoryDescriptor, dweight: MemoryDescriptor, dbias: MemoryDescriptor?,
    dy: MemoryDescriptor, hint: PrimitiveDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var geometry = gibbon_dnnl_geometry(window)
    return try create("convolution_backward_weights") {
      gibbon_dnnl_convolution_weight_gradient(
        &$0, $1, x.raw, dweight.raw, dbias?.raw, dy.raw, &geometry, hint.raw)
    }
  }
}

extension PrimitiveDescriptor {
  /// y = scale * (x - mean) / sqrt(variance + epsilon) + shift with given statistics.
  static func batchNormalization(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    let flags =
      dnnl_use_global_stats.rawValue | dnnl_use_scale.rawValue | dnnl_use_shift.rawValue
    return try create("batch_normalization_forward") {
      gibbon_dnnl_batch_normalization(
        &$0, $1, dnnl_forward_inference, x.raw, epsilon, UInt32(flags))
    }
  }

  /// y = (x - mean) / sqrt(variance + epsilon) with the batch's statistics, which are results too.
  static func batchStandardization(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    try create("batch_normalization_forward") {
      gibbon_dnnl_batch_normalization(&$0, $1, dnnl_forward_training, x.raw, epsilon, 0)
    }
  }

  /// dx of a standardisation by the batch's statistics.
  static func batchStandardizationGradient(
    _ x: MemoryDescriptor, epsilon: Float
  ) throws(EngineError) -> PrimitiveDescriptor {
    let hint = try batchStandardization(x, epsilon: epsilon)
    return try create("batch_normalization_backward") {
      gibbon_dnnl_batch_normalization_gradient(&$0, $1, x.raw, epsilon, hint.raw)
    }
  }
}
