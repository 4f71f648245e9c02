import COneDNN
import Graphs
import Tensors

/// A linear layer as a 1x1 convolution on one image whose columns are the batch's rows.
///
/// Where oneDNN runs an inner product through a general matrix product, as on processors without
/// AVX-512, the order of its sums changes with the number of rows. A direct convolution sums over the
/// channels in one order, wherever the pixel and however wide the image.
struct RowsAsImage {
  private let descriptor: PrimitiveDescriptor
  private let bias: Placement?

  private static let pointwise = ConvolutionGeometry(Window(1))

  /// y = x times weight transposed (+ bias) (then ReLU); `nil` if oneDNN has no direct convolution for it.
  init?(x: Shape, weight: Shape, bias: Placement?, relu: Bool) throws(EngineError) {
    self.bias = bias
    let y: Shape = [x[0], weight[0]]
    let attributes = try Attributes(relu: relu)
    for isFixed in [true, false] {
      let descriptor = try PrimitiveDescriptor.convolution(
        Self.pointwise, x: Self.image(x, isFixed: isFixed),
        weight: .any(Self.kernel(weight).extents), bias: bias?.layout,
        y: Self.image(y, isFixed: isFixed), attributes: attributes)
      if descriptor.isDirect {
        self.descriptor = descriptor
        return
      }
    }
    return nil
  }

  /// dx = dy times weight; `nil` if oneDNN has no direct convolution for it.
  init?(dx: Shape, weight: Shape) throws(EngineError) {
    bias = nil
    let dy: Shape = [dx[0], weight[0]]
    for isFixed in [true, false] {
      let weight = MemoryDescriptor.any(Self.kernel(weight).extents)
      let (dx, dy) = (Self.image(dx, isFixed: isFixed), Self.image(dy, isFixed: isFixed))
      let hint = try PrimitiveDescriptor.convolution(
        Self.pointwise, x: dx, weight: weight, bias: nil, y: dy, attributes: nil, training: true)
      let descriptor = try PrimitiveDescriptor.convolutionInputGradient(
        Self.pointwise, dx: dx, weight: weight, dy: dy, hint: hint)
      if descriptor.isDirect {
        self.descriptor = descriptor
        return
      }
    }
    return nil
  }

  /// Adds the step.
  func lower(
    _ value: Value, x: Value, weight: Value, on planner: Planner
  ) throws(EngineError) {
    let source = try place(x, as: dnnl_query_src_md, on: planner)
    let kernel = try place(weight: weight, on: planner)
    try define(value, as: dnnl_query_dst_md, on: planner) { target throws(EngineError) in
      var arguments = [
        (argument: DNNL_ARG_SRC, placement: source), (DNNL_ARG_WEIGHTS, kernel),
        (DNNL_ARG_DST, target),
      ]
      if let bias { arguments.append((DNNL_ARG_BIAS, bias)) }
      try planner.emit(descriptor, arguments)
    }
  }

  /// Adds the step of the gradient.
  func lowerInputGradient(
    _ value: Value, dy: Value, weight: Value, on planner: Planner
  ) throws(EngineError) {
    let source = try place(dy, as: dnnl_query_diff_dst_md, on: planner)
    let kernel = try place(weight: weight, on: planner)
    try define(value, as: dnnl_query_diff_src_md, on: planner) { target throws(EngineError) in
      try planner.emit(
        descriptor,
        [
          (DNNL_ARG_DIFF_DST, source), (DNNL_ARG_WEIGHTS, kernel), (DNNL_ARG_DIFF_SRC, target),
        ])
    }
  }

  private func place(weight: Value, on planner: Planner) throws(EngineError) -> Placement {
    try planner.place(
      weight, as: descriptor.layout(dnnl_query_weights_md),
      view: Self.kernel(planner.shape(of: weight)))
  }

  /// A row-major matrix as the image, reordered if the convolution wants it otherwise.
  private func place(
    _ matrix: Value, as query: dnnl_query_t, on planner: Planner
  ) throws(EngineError) -> Placement {
    let rows = Placement(
      layout: Self.image(planner.shape(of: matrix), isFixed: true),
      storage: try planner.placePlain(matrix).storage)
    let wanted = descriptor.layout(query)
    if rows.layout == wanted { return rows }
    let image = planner.newBuffer(wanted)
    try planner.reorder(rows, to: image)
    return image
  }

  /// Declares the result as a row-major matrix, around the step that computes it as an image.
  private func define(
    _ value: Value, as query: dnnl_query_t, on planner: Planner,
    _ emit: (Placement) throws(EngineError) -> Void
  ) throws(EngineError) {
    let shape = planner.shape(of: value)
    let matrix = try planner.define(value, as: .plain(shape))
    let rows = Placement(layout: Self.image(shape, isFixed: true), storage: matrix.storage)
    let wanted = descriptor.layout(query)
    if rows.layout == wanted {
      try emit(rows)
    } else {
      let image = planner.newBuffer(wanted)
      try emit(image)
      try planner.reorder(image, to: rows)
    }
  }

  /// N x C as 1 x C x 1 x N, with the matrix's own layout or one that oneDNN may choose.
  private static func image(_ matrix: Shape, isFixed: Bool) -> MemoryDescriptor {
    let (rows, channels) = (matrix[0], matrix[1])
    let extents = [1, channels, 1, rows]
    return isFixed
      ? .strided(extents, strides: [rows * channels, 1, rows * channels, channels])
      : .any(extents)
  }

  /// O x C as O x C x 1 x 1.
  private static func kernel(_ weight: Shape) -> MemoryDescriptor {
    .plain([weight[0], weight[1], 1, 1])
  }
}

extension PrimitiveDescriptor {
  /// Whether the implementation orders its sums by the number of rows.
  private var isGeneralProduct: Bool {
    implementation.contains("gemm") && !implementation.contains("brgemm")
  }

  /// Whether an inner product's sums may be ordered by the number of rows.
  var dependsOnBatch: Bool { isGeneralProduct }

  /// Whether a convolution is a direct one, which orders its sums by channel and kernel alone.
  fileprivate var isDirect: Bool { implementation.contains("jit") && !isGeneralProduct }
}
