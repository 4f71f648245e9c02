import COneDNN
import Graphs
import Tensors

extension Arithmetic {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    switch operation {
    case .add: try lower(dnnl_binary_add, value, operands, on: planner)
    case .multiply: try lower(dnnl_binary_mul, value, operands, on: planner)
    case .divide: try VectorOperation.divide.lower(value, operands, on: planner)
    case .power: try VectorOperation.power.lower(value, operands, on: planner)
    case .maximum: try VectorOperation.maximum.lower(value, operands, on: planner)
    case .minimum: try VectorOperation.minimum.lower(value, operands, on: planner)
    }
  }

  /// Lowers an operation whose operands may change places.
  private func lower(
    _ algorithm: dnnl_alg_kind_t, _ value: Value, _ operands: [Value], on planner: Planner
  ) throws(EngineError) {
    var (left, right) = (operands[0], operands[1])
    if planner.repetition(left) != nil { swap(&left, &right) }
    let x = try planner.place(left)
    let shape = planner.shape(of: value)
    let isPerChannel =
      shape.rank == 4 && planner.repetition(right)?.extents == [1, shape[1], 1, 1]
    let other =
      if let small = planner.repetition(right) {
        try planner.place(small)
      } else {
        try planner.place(right, as: x.layout)
      }
    let y = try planner.define(value, as: x.layout, inPlaceOf: left)
    if isPerChannel, let image = ChannelImage(x.layout) {
      let multiplies = operation == .multiply
      planner.emitHost(name, [x, other, y]) { pointers in
        image.combine(pointers[0], pointers[1], multiplies: multiplies, into: pointers[2])
      }
      return
    }
    try planner.emit(
      .binary(algorithm, x.layout, other.layout, y.layout),
      [(DNNL_ARG_SRC_0, x), (DNNL_ARG_SRC_1, other), (DNNL_ARG_DST, y)])
  }
}

extension Comparison {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try VectorOperation.comparison(relation).lower(value, operands, on: planner)
  }
}

extension Select {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try VectorOperation.select.lower(value, operands, on: planner)
  }
}
