import COneDNN
package import Graphs
import Tensors

/// (dy, y) -> dy where y > 0, else 0: the product with a step in one pass.
struct ReLUGradient: Operator {
  var name: String { "ReLU's gradient" }

  func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try extentsOfEqualPair(operands)
  }

  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> { operands[0].zip(operands[1]) { $1 > 0 ? $0 : 0 } }

  func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let step = try graph.apply(Elementwise(.step), application.operands[1])
    return [try graph.multiply(application.cotangent, step), nil]
  }
}

extension ReLUGradient {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    let y = try planner.place(operands[1])
    let dy = try planner.place(operands[0], as: y.layout)
    let dx = try planner.define(value, as: y.layout, inPlaceOf: operands[0])
    try planner.emit(
      .reluGradient(y: y.layout, dy: dy.layout),
      [(DNNL_ARG_DST, y), (DNNL_ARG_DIFF_DST, dy), (DNNL_ARG_DIFF_SRC, dx)])
  }

  func isDeferred(_ value: Value, on planner: Planner) -> Bool {
    planner.cotangentBeyondReLU(value) != nil
  }
}

extension Graph {
  /// Replaces products with a ReLU's step by one operator.
  package func fusingReLUGradients() -> Graph {
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() {
      let value = Value(index: index)
      guard case .operation(let op, let operands, let extents) = node,
        op as? Arithmetic == Arithmetic(.multiply),
        let (dy, y) = steppedPair(operands)
      else {
        rewriter.copy(value)
        continue
      }
      rewriter.replace(
        value, by: ReLUGradient(), [rewriter.image(of: dy), rewriter.image(of: y)],
        extents: extents)
    }
    return rewriter.finish().pruned()
  }

  /// The cotangent and the stepped value of a product of which one factor is a step.
  private func steppedPair(_ operands: [Value]) -> (dy: Value, y: Value)? {
    for (step, other) in [(operands[1], operands[0]), (operands[0], operands[1])] {
      if case .operation(let op, let stepped, _) = self[step],
        op as? Elementwise == Elementwise(.step)
      {
        return (other, stepped[0])
      }
    }
    return nil
  }
}
