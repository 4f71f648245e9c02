import COneDNN
import Graphs
import Tensors

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
