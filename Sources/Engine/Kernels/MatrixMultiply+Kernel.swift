import CKernels
import COneDNN
import Graphs
import Models
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

/// The products of a linear layer with what follows it: y from x, or dx from dy.
///
/// oneDNN's inner product runs through a general matrix product on processors without AVX-512, whose sums depend on
/// the number of rows, and whose gradient reaches half of the speed. Here each sum is taken in one order.
struct LinearKernel {
  private let sizes: gibbon_linear
  private let rows: Int
  private let isGradient: Bool

  /// The kernel for x (rows x depth) times the weight transposed, or for dy (rows x depth) times the weight.
  init(_ operand: Shape, columns: Int, isGradient: Bool) {
    sizes = gibbon_linear(depth: operand[1], columns: columns)
    rows = operand[0]
    self.isGradient = isGradient
  }

  /// Adds the step that computes a value.
  func lower(
    _ value: Value, from operand: Value, weight: Value, epilogue: Epilogue, on planner: Planner
  ) throws(EngineError) {
    let source = try planner.placePlain(operand)
    let packed = try place(weight: weight, on: planner)
    let bias: Placement? = if let bias = epilogue.bias { try planner.placePlain(bias) } else { nil }
    let gate: Placement? = if let gate = epilogue.gate { try planner.placePlain(gate) } else { nil }
    let target = try planner.define(value, as: .plain(planner.shape(of: value)))
    let room = gibbon_linear_workspace_count(rows)
    let workspace = planner.newBuffer(.plain([room * OpenMP.threadCount]))
    let (sizes, rows, relu) = (sizes, rows, Int32(epilogue.relu ? 1 : 0))
    let (hasBias, hasGate) = (bias != nil, gate != nil)
    planner.emitHost(
      "linear", [source, packed, workspace, target] + [bias, gate].compactMap { $0 }
    ) { pointers in
      let floats = pointers.map { $0.assumingMemoryBound(to: Float.self) }
      let epilogue = gibbon_epilogue(
        bias: hasBias ? floats[4] : nil, addend: nil,
        gate: hasGate ? floats[floats.count - 1] : nil, relu: relu)
      withUnsafePointer(to: sizes) { sizes in
        withUnsafePointer(to: epilogue) { epilogue in
          OpenMP.split(gibbon_linear_blocks(sizes)) { range, thread in
            gibbon_linear_apply(
              sizes, floats[0], floats[1], epilogue, floats[3], floats[2] + thread * room, rows,
              range.lowerBound, range.upperBound)
          }
        }
      }
    }
  }

  /// The packed weight, made once for all plans.
  private func place(weight: Value, on planner: Planner) throws(EngineError) -> Placement {
    let (sizes, isGradient) = (sizes, isGradient)
    let count = withUnsafePointer(to: sizes) { gibbon_linear_weight_count($0) }
    let key = isGradient ? "linear transposed" : "linear"
    return try planner.place(weight: weight, key: key, count: count) { weight, packed in
      withUnsafePointer(to: sizes) { sizes in
        OpenMP.split(gibbon_linear_blocks(sizes)) { range in
          gibbon_linear_weight(
            sizes, weight, isGradient ? 1 : 0, packed, range.lowerBound, range.upperBound)
        }
      }
    }
  }
}

/// Products of pairs of matrices, those of one example at a time; one matrix may meet all of the other operand.
///
/// oneDNN's product of many matrices divides all rows among the threads and orders its sums accordingly, so
/// that they would depend on the number of examples; run on each example alone they cannot.
struct BatchedMatrixMultiply {
  let product: MatrixMultiply

  /// Adds the step.
  func lower(
    _ value: Value, left: Value, right: Value, on planner: Planner
  ) throws(EngineError) {
    let y = try planner.define(value, as: .plain(planner.shape(of: value)))
    try emit(y, planner.shape(of: value), left: left, right: right, on: planner)
  }

  /// Adds the step that computes row-major products of a shape.
  func emit(
    _ y: Placement, _ shape: Shape, left: Value, right: Value, on planner: Planner
  ) throws(EngineError) {
    let operands = [
      Operand(planner.shape(of: left), isTransposed: product.transposesLeft),
      Operand(planner.shape(of: right), isTransposed: product.transposesRight),
      Operand(shape, isTransposed: false),
    ]
    let (a, b) = (try planner.placePlain(left), try planner.placePlain(right))
    let primitive = try Primitive(
      .matrixMultiply(operands[0].layout, operands[1].layout, operands[2].layout))
    let examples = shape[0]
    let arguments = [DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST]
    planner.emitHost("batched product", [a, b, y]) { pointers in
      for example in 0..<examples {
        let bound = zip(arguments, zip(operands, pointers)).map { argument, place in
          (argument, place.0.layout, place.1 + example * place.0.byteCount)
        }
        do {
          try primitive.execute(at: bound)
        } catch {
          preconditionFailure("\(error)")
        }
      }
    }
  }

  /// The matrices of one example, seen as their transposes if wanted.
  private struct Operand {
    let layout: MemoryDescriptor
    let byteCount: Int

    init(_ shape: Shape, isTransposed: Bool) {
      let count = shape.extents.dropFirst().dropLast(2).reduce(1, *)
      let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
      layout =
        isTransposed
        ? .strided([count, columns, rows], strides: [rows * columns, 1, columns])
        : .strided([count, rows, columns], strides: [rows * columns, columns, 1])
      byteCount = shape.rank == 2 ? 0 : count * rows * columns * MemoryLayout<Float>.stride
    }
  }
}
