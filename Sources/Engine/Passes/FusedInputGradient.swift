import Graphs
import Tensors

/// The input gradient of a convolution or linear layer, plus other cotangents of a convolution's, where a ReLU let
/// values pass: (dy, weight[, addend][, gate]).
struct FusedInputGradient: Operator {
  enum Base: Hashable {
    case convolution(ConvolutionInputGradient)
    case linear

    var definition: any Operator {
      switch self {
      case .convolution(let gradient): gradient
      case .linear: MatrixMultiply()
      }
    }
  }

  let base: Base
  let hasAddend: Bool
  let hasGate: Bool

  var name: String { "fused input gradient" }

  func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try base.definition.extents(of: Array(operands[..<2]))
  }

  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    var result = base.definition.value(of: Array(operands[..<2]), shape: shape)
    if hasAddend { result = result.zip(operands[2]) { $0 + $1 } }
    if hasGate, let gate = operands.last { result = result.zip(gate) { $1 > 0 ? $0 : 0 } }
    return result
  }

  func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    throw .operands(operator: name, expected: "to be made after differentiation", found: [])
  }
}

extension FusedInputGradient {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    var epilogue = Epilogue()
    if hasAddend { epilogue.addend = operands[2] }
    if hasGate { epilogue.gate = operands.last }
    switch base {
    case .convolution(let gradient):
      try gradient.lower(
        value, dy: operands[0], weight: operands[1], epilogue: epilogue, on: planner)
    case .linear:
      try MatrixMultiply().lower(
        value, x: operands[0], weight: operands[1], epilogue: epilogue, on: planner)
    }
  }
}
