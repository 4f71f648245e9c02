import Graphs
import Tensors

extension Extremum {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    guard let rows = StridedRows(planner.shape(of: operands[0]), axes: axes) else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let x = try planner.placePlain(operands[0])
    let y = try planner.define(value, as: .plain(planner.shape(of: value)))
    let isMaximum = isMaximum
    planner.emitHost("extremum", [x, y]) { pointers in
      rows.extremum(pointers[0], to: pointers[1], isMaximum: isMaximum)
    }
  }
}
