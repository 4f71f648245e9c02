import COneDNN
import Graphs
import Tensors

extension MatrixMultiply {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let ranks = operands.map { planner.shape(of: $0).rank }
    if addsPairs {
      try SumOfProducts(product: self).lower(
        value, left: operands[0], right: operands[1], on: planner)
      return
    }
    if ranks[0] > 2, ranks[1] == 2, !transposesLeft {
      // The rows of all matrices are those of one.
      let shape = planner.shape(of: operands[0])
      let kernel = LinearKernel(
        [shape.extents.dropLast().reduce(1, *), shape[shape.rank - 1]],
        columns: planner.shape(of: value)[shape.rank - 1], isGradient: !transposesRight)
      try kernel.lower(
        value, from: operands[0], weight: operands[1], epilogue: Epilogue(), on: planner)
      return
    }
    if planner.shape(of: value).rank > 2 {
      try BatchedMatrixMultiply(product: self).lower(
        value, left: operands[0], right: operands[1], on: planner)
      return
    }
    switch (transposesLeft, transposesRight) {
    case (true, false):
      try lowerWeightGradient(value, dy: operands[0], x: operands[1], on: planner)
    case (true, true):
      try lowerGeneral(value, operands, on: planner)
    case (false, _):
      try lower(
        value, x: operands[0], weight: operands[1], epilogue: Epilogue(), on: planner)
    }
  }

  /// Lowers the product of x and a weight, which is transposed in a layer and is not in its gradient, together
  /// with what follows it.
  func lower(
    _ value: Value, x: Value, weight: Value, epilogue: Epilogue, on planner: Planner
  ) throws(EngineError) {
    let kernel = LinearKernel(
      planner.shape(of: x), columns: planner.shape(of: value)[1], isGradient: !transposesRight)
    try kernel.lower(value, from: x, weight: weight, epilogue: epilogue, on: planner)
  }

  private func hint(
    x: Shape, weight: Shape, y: Shape
  ) throws(EngineError) -> PrimitiveDescriptor {
    try .innerProduct(x: .any(x), weight: .any(weight), bias: nil, y: .any(y), attributes: nil)
  }

  private func lowerWeightGradient(
    _ value: Value, dy: Value, x: Value, on planner: Planner
  ) throws(EngineError) {
    let shapes = (
      x: planner.shape(of: x), dweight: planner.shape(of: value), dy: planner.shape(of: dy)
    )
    let bias = planner.biasGradient(of: dy)
    let biasLayout = bias.map { MemoryDescriptor.plain(planner.shape(of: $0)) }
    let descriptor = try PrimitiveDescriptor.innerProductWeightGradient(
      x: .any(shapes.x), dweight: .any(shapes.dweight), dbias: biasLayout, dy: .any(shapes.dy),
      hint: try hint(x: shapes.x, weight: shapes.dweight, y: shapes.dy))
    var arguments = [
      (
        argument: DNNL_ARG_SRC,
        placement: try planner.place(x, as: descriptor.layout(dnnl_query_src_md))
      ),
      (
        DNNL_ARG_DIFF_DST,
        try planner.place(dy, as: descriptor.layout(dnnl_query_diff_dst_md))
      ),
      (
        DNNL_ARG_DIFF_WEIGHTS,
        try planner.define(value, as: descriptor.layout(dnnl_query_diff_weights_md))
      ),
    ]
    if let bias, let biasLayout {
      arguments.append((DNNL_ARG_DIFF_BIAS, try planner.define(bias, as: biasLayout)))
    }
    try planner.emit(descriptor, arguments)
  }

  private func lowerGeneral(
    _ value: Value, _ operands: [Value], on planner: Planner
  ) throws(EngineError) {
    func transposed(_ value: Value) throws(EngineError) -> Placement {
      let placement = try planner.placePlain(value)
      let shape = planner.shape(of: value)
      return Placement(
        layout: .strided([shape[1], shape[0]], strides: [1, shape[1]]),
        storage: placement.storage)
    }
    let (left, right) = (try transposed(operands[0]), try transposed(operands[1]))
    let result = try planner.define(value, as: .plain(planner.shape(of: value)))
    try planner.emit(
      .matrixMultiply(left.layout, right.layout, result.layout),
      [(DNNL_ARG_SRC, left), (DNNL_ARG_WEIGHTS, right), (DNNL_ARG_DST, result)])
  }
}
