import COneDNN
import Graphs

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
