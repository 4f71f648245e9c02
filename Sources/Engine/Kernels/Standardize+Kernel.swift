import COneDNN
import Graphs
import Tensors

extension Standardize {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    if let batch = BatchStandardization(self, of: operands[0], on: planner) {
      try batch.lower(value, on: planner)
      return
    }
    guard let rows = StridedRows(planner.shape(of: value), axes: axes) else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let x = try planner.placePlain(operands[0])
    let y = try planner.define(value, as: x.layout, inPlaceOf: operands[0])
    let epsilon = epsilon
    planner.emitHost("standardize", [x, y]) { pointers in
      rows.standardize(pointers[0], to: pointers[1], epsilon: epsilon)
    }
  }
}

extension StandardizeGradient {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    if let batch = BatchStandardization(standardization, of: operands[0], on: planner) {
      try batch.lowerGradient(value, dy: operands[1], on: planner)
      return
    }
    guard let rows = StridedRows(planner.shape(of: value), axes: standardization.axes) else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let x = try planner.placePlain(operands[0])
    let dy = try planner.placePlain(operands[1])
    let dx = try planner.define(value, as: x.layout)
    let epsilon = standardization.epsilon
    planner.emitHost("standardize gradient", [x, dy, dx]) { pointers in
      rows.standardizeGradient(pointers[0], pointers[1], to: pointers[2], epsilon: epsilon)
    }
  }
}
