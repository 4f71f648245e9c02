import COneDNN
import Graphs
import Tensors

extension BatchNormalization {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let shape = planner.shape(of: value)
    let isImage = shape.rank == 4
    let x = isImage ? try planner.place(operands[0]) : try planner.placePlain(operands[0])
    let y = try planner.define(value, as: x.layout, inPlaceOf: operands[0])
    // oneDNN has fast kernels for images only; other values are seen as such.
    let seen = isImage ? x.layout : .plain(shape.asImage)
    let descriptor = try PrimitiveDescriptor.batchNormalization(seen, epsilon: epsilon)
    var arguments = [
      (argument: DNNL_ARG_SRC, placement: Placement(layout: seen, storage: x.storage)),
      (DNNL_ARG_DST, Placement(layout: seen, storage: y.storage)),
    ]
    for (argument, operand) in zip(
      [DNNL_ARG_SCALE, DNNL_ARG_SHIFT, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE], operands[1...])
    {
      arguments.append((argument, try planner.placePlain(operand)))
    }
    try planner.emit(descriptor, arguments)
  }
}

extension Shape {
  /// The extents with all axes behind the channels as one row of an image.
  fileprivate var asImage: Shape { [extents[0], extents[1], 1, extents[2...].reduce(1, *)] }
}
