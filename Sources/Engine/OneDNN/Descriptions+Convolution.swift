import COneDNN
import Graphs

/// The geometry of a convolution in the form that oneDNN takes.
struct ConvolutionGeometry {
  let strides: [dnnl_dim_t]
  let dilations: [dnnl_dim_t]
  let before: [dnnl_dim_t]
  let after: [dnnl_dim_t]

  init(_ window: Window) {
    func pair(_ pair: Window.Pair, minus offset: Int = 0) -> [dnnl_dim_t] {
      [dnnl_dim_t(pair.height - offset), dnnl_dim_t(pair.width - offset)]
    }
    strides = pair(window.stride)
    dilations = pair(window.dilation, minus: 1)
    before = pair(window.paddingBefore)
    after = pair(window.paddingAfter)
  }
}

extension PrimitiveDescriptor {
  /// y = convolution(x, weight) (+ bias) (then the attributes).
  static func convolution(
    _ geometry: ConvolutionGeometry, x: MemoryDescriptor, weight: MemoryDescriptor,
    bias: MemoryDescriptor?, y: MemoryDescriptor, attributes: Attributes?, training: Bool = false
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (x, weight, y) = (x.raw, weight.raw, y.raw)
    var description = dnnl_convolution_desc_t()
    let kind = training ? dnnl_forward_training : dnnl_forward_inference
    let status = withOptionalPointer(to: bias?.raw) {
      dnnl_dilated_convolution_forward_desc_init(
        &description, kind, dnnl_convolution_direct, &x, &weight, $0, &y, geometry.strides,
        geometry.dilations, geometry.before, geometry.after)
    }
    try check(status, "convolution_forward")
    return try create(description, attributes: attributes, "convolution_forward")
  }

  /// dx from dy and weight.
  static func convolutionInputGradient(
    _ geometry: ConvolutionGeometry, dx: MemoryDescriptor, weight: MemoryDescriptor,
    dy: MemoryDescriptor, hint: PrimitiveDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (dx, weight, dy) = (dx.raw, weight.raw, dy.raw)
    var description = dnnl_convolution_desc_t()
    try check(
      dnnl_dilated_convolution_backward_data_desc_init(
        &description, dnnl_convolution_direct, &dx, &weight, &dy, geometry.strides,
        geometry.dilations, geometry.before, geometry.after), "convolution_backward_data")
    return try create(description, hint: hint, "convolution_backward_data")
  }

  /// dweight (and dbias) from x and dy.
  static func convolutionWeightGradient(
    _ geometry: ConvolutionGeometry, x: MemoryDescriptor, dweight: MemoryDescriptor,
    dbias: MemoryDescriptor?, dy: MemoryDescriptor, hint: PrimitiveDescriptor
  ) throws(EngineError) -> PrimitiveDescriptor {
    var (x, dweight, dy) = (x.raw, dweight.raw, dy.raw)
    var description = dnnl_convolution_desc_t()
    let status = withOptionalPointer(to: dbias?.raw) {
      dnnl_dilated_convolution_backward_weights_desc_init(
        &description, dnnl_convolution_direct, &x, &dweight, $0, &dy, geometry.strides,
        geometry.dilations, geometry.before, geometry.after)
    }
    try check(status, "convolution_backward_weights")
    return try create(description, hint: hint, "convolution_backward_weights")
  }
}

/// Calls `body` with a pointer to a value, or with `nil`.
func withOptionalPointer<Wrapped, Result>(
  to value: Wrapped?, _ body: (UnsafePointer<Wrapped>?) -> Result
) -> Result {
  guard let value else { return body(nil) }
  return withUnsafePointer(to: value) { body($0) }
}
