import COneDNN
import Graphs
import Tensors

extension MaxPool {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    guard window.isUsualForPooling else {
      try lowerWindowed(value, operands[0], x: operands[0], on: planner)
      return
    }
    let training = planner.users(of: operands[0]).contains {
      guard case .operation(let op, let others, _) = planner.graph[$0] else { return false }
      return (op as? MaxPoolScatter)?.pooling == self && others[1] == operands[0]
    }
    var x = try planner.place(operands[0])
    var descriptor = try forward(x.layout, planner.shape(of: value), training: training)
    if let kernel = MaxPoolKernel(
      window, x: x.layout, y: descriptor.layout(dnnl_query_dst_md))
    {
      let y = try planner.define(value, as: descriptor.layout(dnnl_query_dst_md))
      let winners = training ? MaxPoolKernel.winners(of: y.layout, on: planner) : nil
      if let winners { planner.setWorkspace(winners, of: value) }
      let relu = planner.reluAfter(value)
      if let relu {
        planner.define(relu, at: y)
        planner.setGated(value)
      }
      kernel.emit(x: x, y: y, relu: relu != nil, winners: winners, on: planner)
      return
    }
    if training {
      x = try placeDifferentiated(operands[0], on: planner)
      descriptor = try forward(x.layout, planner.shape(of: value), training: true)
    }
    let y = try planner.define(value, as: descriptor.layout(dnnl_query_dst_md))
    var arguments = [(argument: DNNL_ARG_SRC, placement: x), (DNNL_ARG_DST, y)]
    if training {
      let workspace = planner.newBuffer(descriptor.layout(dnnl_query_workspace_md))
      planner.setWorkspace(workspace, of: value)
      arguments.append((DNNL_ARG_WORKSPACE, workspace))
    }
    try planner.emit(descriptor, arguments)
  }

  /// The operand in a layout in which the gradient's bits do not depend on the batch.
  ///
  /// A winner of several windows gets the sum of their cotangents, and oneDNN's channels-last kernel adds
  /// them in an order that changes with the batch size; its row-major kernel does not.
  fileprivate func placeDifferentiated(
    _ x: Value, on planner: Planner
  ) throws(EngineError) -> Placement {
    let overlaps =
      window.stride.height < window.kernel.height || window.stride.width < window.kernel.width
    return overlaps ? try planner.placePlain(x) : try planner.place(x)
  }

  fileprivate func forward(
    _ x: MemoryDescriptor, _ shape: Shape, training: Bool
  ) throws(EngineError) -> PrimitiveDescriptor {
    try .pooling(dnnl_pooling_max, window, x: x, y: .any(shape), training: training)
  }
}

extension MaxPoolScatter {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let (dy, x) = (operands[0], operands[1])
    // The forward pooling of the same x left the winners' positions behind; of several equal ones the one that this is
    // the gradient of, for a ReLU behind it may have taken some winners out.
    let beyondReLU = planner.cotangentBeyondReLU(dy)
    let forward =
      beyondReLU?.pooled
      ?? planner.users(of: x).first {
        guard case .operation(let op, _, _) = planner.graph[$0] else { return false }
        return op as? MaxPool == pooling && planner.workspace(of: $0) != nil
          && !planner.isGated($0)
      }
    guard let forward, let workspace = planner.workspace(of: forward) else {
      try pooling.lowerWindowed(value, dy, x: x, scatters: true, on: planner)
      return
    }
    let source = try planner.place(x).layout
    let result = try planner.place(forward)
    if let kernel = MaxPoolKernel(pooling.window, x: source, y: result.layout) {
      let dy = try planner.place(beyondReLU?.cotangent ?? dy, as: result.layout)
      let dx = try planner.define(value, as: source)
      kernel.emitGradient(dy: dy, winners: workspace, dx: dx, on: planner)
      return
    }
    let xLayout = try pooling.placeDifferentiated(x, on: planner).layout
    let yLayout = result.layout
    let hint = try pooling.forward(xLayout, planner.shape(of: forward), training: true)
    let descriptor = try PrimitiveDescriptor.poolingGradient(
      dnnl_pooling_max, pooling.window, dx: xLayout, dy: yLayout, hint: hint)
    try planner.emit(
      descriptor,
      [
        (DNNL_ARG_DIFF_DST, try planner.place(dy, as: yLayout)),
        (DNNL_ARG_WORKSPACE, workspace),
        (DNNL_ARG_DIFF_SRC, try planner.define(value, as: xLayout)),
      ])
  }
}

extension AveragePool {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    guard window.isUsualForPooling, uncounted == 0 else {
      let shape = planner.shape(of: operands[0])
      let factors = factors(of: Window.Pair(shape[2], shape[3]))
      try planner.lower(value, operands[0], by: factors)
      return
    }
    let x = try planner.place(operands[0])
    let descriptor = try PrimitiveDescriptor.pooling(
      algorithm, window, x: x.layout, y: .any(planner.shape(of: value)), training: false)
    let y = try planner.define(value, as: descriptor.layout(dnnl_query_dst_md))
    try planner.emit(descriptor, [(DNNL_ARG_SRC, x), (DNNL_ARG_DST, y)])
  }

  fileprivate var algorithm: dnnl_alg_kind_t {
    countsPadding ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding
  }
}

extension AveragePoolGradient {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    guard pooling.window.isUsualForPooling, pooling.uncounted == 0 else {
      let factors = pooling.factors(of: inputSize)
      try planner.lower(
        value, operands[0], by: (factors.height.transposed, factors.width.transposed))
      return
    }
    let dy = try planner.placePlain(operands[0])
    let layout = MemoryDescriptor.plain(planner.shape(of: value))
    let hint = try PrimitiveDescriptor.pooling(
      pooling.algorithm, pooling.window, x: layout, y: dy.layout, training: true)
    let descriptor = try PrimitiveDescriptor.poolingGradient(
      pooling.algorithm, pooling.window, dx: layout, dy: dy.layout, hint: hint)
    let dx = try planner.define(value, as: layout)
    try planner.emit(descriptor, [(DNNL_ARG_DIFF_DST, dy), (DNNL_ARG_DIFF_SRC, dx)])
  }
}

extension Planner {
  /// Lowers a product along the height and one along the width.
  fileprivate func lower(
    _ value: Value, _ operand: Value, by factors: (height: SparseMatrix, width: SparseMatrix)
  ) throws(EngineError) {
    let source = try placePlain(operand)
    let rows = SparseRows(factors.height, axis: 2, of: shape(of: operand))
    let between = newBuffer(rows.result)
    rows.emit(source, between, on: self)
    let columns = SparseRows(factors.width, axis: 3, of: Shape(rows.result.extents))
    columns.emit(between, try define(value, as: columns.result), on: self)
  }
}

extension Window {
  /// Whether oneDNN's pooling knows such windows.
  var isUsualForPooling: Bool {
    dilation == 1 && paddingBefore.height < kernel.height && paddingBefore.width < kernel.width
      && paddingAfter.height < kernel.height && paddingAfter.width < kernel.width
  }
}
