import COneDNN
import Graphs
import Tensors

extension Arithmetic: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    guard operation == .add || operation == .multiply else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    var (left, right) = (operands[0], operands[1])
    if planner.repeated(left) != nil { swap(&left, &right) }
    let x = try planner.place(left)
    let other =
      if let small = planner.repeated(right) {
        try planner.placeRepeated(small)
      } else {
        try planner.place(right, as: x.layout)
      }
    let y = try planner.define(value, as: x.layout, inPlaceOf: left)
    try planner.emit(
      .binary(
        operation == .add ? dnnl_binary_add : dnnl_binary_mul, x.layout, other.layout, y.layout),
      [(DNNL_ARG_SRC_0, x), (DNNL_ARG_SRC_1, other), (DNNL_ARG_DST, y)])
  }
}

extension Broadcast: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    try planner.lowerByDefinition(self, value, operands)
  }

  func isDeferred(_ value: Value, on planner: Planner) -> Bool {
    !isMean && !planner.isOutput(value)
  }
}

extension Planner {
  /// The operator and operand of a value that is a plain repetition.
  func repeated(_ value: Value) -> (Broadcast, Value)? {
    guard case .operation(let op, let operands, _) = graph[value], let op = op as? Broadcast,
      !op.isMean, !isDefined(value)
    else { return nil }
    return (op, operands[0])
  }

  /// The operand of a repetition, seen with extents of 1 where it is repeated.
  func placeRepeated(_ repetition: (op: Broadcast, operand: Value)) throws(EngineError) -> Placement
  {
    let target = repetition.op.target.shape(batch: batch)
    let extents = target.extents.enumerated().map {
      repetition.op.axes.contains($0.offset) ? 1 : $0.element
    }
    let storage = try placePlain(repetition.operand).storage
    return Placement(layout: .plain(.init(extents)), storage: storage)
  }
}
