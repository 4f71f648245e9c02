import COneDNN
import Graphs
import Tensors

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
