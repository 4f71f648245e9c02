import COneDNN
import Graphs
import Models
import Tensors

extension Reshape {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let storage = try planner.placePlain(operands[0]).storage
    planner.define(
      value, at: Placement(layout: .plain(planner.shape(of: value)), storage: storage))
  }
}

extension Concatenate {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let shape = planner.shape(of: value)
    var parts: [Placement] = []
    for operand in operands { parts.append(try planner.place(operand)) }
    var layout = MemoryDescriptor.plain(shape)
    if shape.rank == 4, let wide = parts.first(where: { $0.layout.channelBlocks != nil }) {
      // Channels stay together where most of them are.
      let together = MemoryDescriptor.blocked(like: wide.layout, shape.extents)
      if together.channelBlocks != nil { layout = together }
    }
    if layout == .plain(shape) {
      parts = []
      for operand in operands { parts.append(try planner.placePlain(operand)) }
    }
    let result = try planner.define(value, as: layout)
    let descriptor = try PrimitiveDescriptor.concatenation(
      parts.map(\.layout), axis: axis, into: result.layout)
    let sources = parts.enumerated().map {
      (argument: DNNL_ARG_MULTIPLE_SRC + Int32($0.offset), placement: $0.element)
    }
    try planner.emit(descriptor, sources + [(DNNL_ARG_DST, result)])
  }
}

extension Slice {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
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
    let shape = planner.shape(of: value)
    let existing = try planner.place(operands[0])
    if let part = existing.layout.channelPart(axis: axis, range: start..<start + count) {
      let together = MemoryDescriptor.blocked(like: existing.layout, shape.extents)
      let result = try planner.define(
        value, as: together.channelBlocks == nil ? .plain(shape) : together)
      try planner.reorder(Placement(layout: part, storage: existing.storage), to: result)
      return
    }
    let x = try planner.placePlain(operands[0])
    guard let part = x.layout.part(axis: axis, range: start..<start + count) else {
      try planner.lowerByDefinition(self, value, operands)
      return
    }
    let result = try planner.define(value, as: .plain(shape))
    try planner.reorder(Placement(layout: part, storage: x.storage), to: result)
  }
}

extension Pad {
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

extension Softmax {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let x = try planner.placePlain(operands[0])
    let y = try planner.define(value, as: x.layout, inPlaceOf: operands[0])
    try planner.emit(
      .softmax(logarithm: isLogarithm, x.layout, axis: position(in: planner.shape(of: value).rank)),
      [(DNNL_ARG_SRC, x), (DNNL_ARG_DST, y)])
  }
}

extension MemoryDescriptor {
  /// The part of images whose channels lie in whole vectors; `nil` for others, or where it cuts vectors.
  fileprivate func channelPart(axis: Int, range: Range<Int>) -> MemoryDescriptor? {
    guard channelBlocks != nil else { return nil }
    let isWhole = range.lowerBound % 16 == 0 && range.count % 16 == 0
    return axis != 1 || isWhole ? part(axis: axis, range: range) : nil
  }
}

extension Transpose {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let x = try planner.placePlain(operands[0])
    let shape = planner.shape(of: value)
    let strides = planner.shape(of: operands[0]).strides
    let result = try planner.define(value, as: .plain(shape))
    let seen = MemoryDescriptor.strided(shape.extents, strides: permutation.map { strides[$0] })
    try planner.reorder(Placement(layout: seen, storage: x.storage), to: result)
  }
}
