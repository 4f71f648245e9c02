package import Graphs
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

extension Graph {
  /// Joins the input gradient of a layer with the sum of cotangents and the gradient of the ReLU that follow.
  package func fusingInputGradients() -> Graph {
    joining { gradient(endingAt: $0, uses: $1) }
  }

  private func gradient(endingAt end: Int, uses: [Int]) -> Fusion? {
    var chain = Chain(self, end: end, uses: uses)
    var gate: Value?
    if case .operation(let op, let operands, _) = nodes[end], op is ReLUGradient {
      // The gradient of max pooling needs no gate: the pooling remembers what the ReLU stopped.
      guard !isPooled(Value(index: end)), chain.enter(operands[0]) else { return nil }
      gate = operands[1]
    }
    func fusion(_ chain: Chain, addend: Value?) -> Fusion? {
      guard case .operation(let op, let operands, _) = nodes[chain.current] else { return nil }
      let base: FusedInputGradient.Base
      if let gradient = op as? ConvolutionInputGradient {
        base = .convolution(gradient)
      } else if op as? MatrixMultiply == MatrixMultiply(), addend == nil,
        nodes[chain.current].extents.rank == 2
      {
        base = .linear
      } else {
        return nil
      }
      return Fusion(
        op: FusedInputGradient(base: base, hasAddend: addend != nil, hasGate: gate != nil),
        operands: operands + [addend, gate].compactMap { $0 }, inner: chain.inner)
    }
    guard let (left, right) = chain.sum, self[left].extents == self[right].extents else {
      return fusion(chain, addend: nil)
    }
    // Of two gradients the later one takes the sum along.
    let ordered = left.index > right.index ? [left, right] : [right, left]
    for (value, other) in [(ordered[0], ordered[1]), (ordered[1], ordered[0])] {
      var candidate = chain
      if candidate.enter(value), let found = fusion(candidate, addend: other) { return found }
    }
    return nil
  }

  private func isPooled(_ value: Value) -> Bool {
    nodes.contains { node in
      guard case .operation(let op, let operands, _) = node else { return false }
      return op is MaxPoolScatter && operands[0] == value
    }
  }
}
