import COneDNN
import Graphs
import Tensors

extension Reshape: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let storage = try planner.placePlain(operands[0]).storage
    planner.define(
      value, at: Placement(layout: .plain(planner.shape(of: value)), storage: storage))
  }
}

extension Concatenate: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    var parts: [Placement] = []
    for operand in operands { parts.append(try planner.placePlain(operand)) }
    let result = try planner.define(value, as: .plain(planner.shape(of: value)))
    let descriptor = try PrimitiveDescriptor.concatenation(
      parts.map(\.layout), axis: axis, into: result.layout)
    let sources = parts.enumerated().map {
      (argument: DNNL_ARG_MULTIPLE_SRC + Int32($0.offset), placement: $0.element)
    }
    try planner.emit(descriptor, sources + [(DNNL_ARG_DST, result)])
  }
}

extension Slice: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let x = try planner.placePlain(operands[0])
    guard count > 0 else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    if step != 1 {
      let shape = planner.shape(of: operands[0])
      let matrix = SparseMatrix(
        selecting: (0..<count).map { start + $0 * step }, of: shape[axis])
      try SparseProduct(matrix, axis: axis).lower(value, operands, on: planner)
      return
    }
    guard let part = x.layout.part(axis: axis, range: start..<start + count)
    else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let result = try planner.define(value, as: .plain(planner.shape(of: value)))
    try planner.reorder(Placement(layout: part, storage: x.storage), to: result)
  }
}

extension Pad: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let extent = planner.shape(of: operands[0])[axis]
    let x = try planner.placePlain(operands[0])
    let layout = MemoryDescriptor.plain(planner.shape(of: value))
    guard extent > 0,
      let part = layout.part(axis: axis, range: before..<before + extent)
    else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let result = try planner.define(value, as: layout)
    let (count, filler) = (planner.shape(of: value).count, self.value)
    planner.emitHost("fill", [result]) { pointers in
      let target = pointers[0].assumingMemoryBound(to: Float.self)
      OpenMP.split(count) { (target + $0.lowerBound).update(repeating: filler, count: $0.count) }
    }
    try planner.reorder(x, to: Placement(layout: part, storage: result.storage))
  }
}

extension Softmax: Kernel {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let x = try planner.placePlain(operands[0])
    let y = try planner.define(value, as: x.layout, inPlaceOf: operands[0])
    try planner.emit(
      .softmax(logarithm: isLogarithm, x.layout, axis: position(in: planner.shape(of: value).rank)),
      [(DNNL_ARG_SRC, x), (DNNL_ARG_DST, y)])
  }
}
