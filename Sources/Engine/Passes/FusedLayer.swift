import Graphs
import Tensors

/// A convolution or linear layer with what follows it, bias, residual sum and ReLU: (x, weight[, bias][, addend]).
struct FusedLayer: Operator {
  enum Base: Hashable {
    case convolution(Convolution)
    case linear
  }

  let base: Base
  let hasBias: Bool
  let hasAddend: Bool
  let hasReLU: Bool

  var name: String { "fused layer" }

  func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try composition(of: operands).nodes.last?.extents ?? []
  }

  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    do {
      let graph = try composition(of: operands.map { Extents($0.shape) })
      let names = ["x", "weight"] + (hasBias ? ["bias"] : []) + (hasAddend ? ["addend"] : [])
      let inputs = Dictionary(uniqueKeysWithValues: zip(names, operands))
      guard let result = try Interpreter(graph)(inputs)["y"] else {
        preconditionFailure("the composition has an output y")
      }
      return result
    } catch {
      preconditionFailure("operands were accepted before: \(error)")
    }
  }

  func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    throw .operands(operator: name, expected: "to be made after differentiation", found: [])
  }

  /// The same in terms of the operators that were fused.
  private func composition(of operands: [Extents]) throws(GraphError) -> Graph {
    var graph = GraphBuilder()
    let x = graph.input("x", operands[0])
    let weight = graph.input("weight", operands[1])
    let bias = hasBias ? graph.input("bias", operands[2]) : nil
    var y: Value
    switch base {
    case .convolution(let convolution):
      y = try graph.apply(convolution, x, weight)
      if let bias { y = try graph.addBias(y, bias) }
    case .linear:
      y = try graph.linear(x, weight: weight, bias: bias)
    }
    if hasAddend, let extents = operands.last {
      y = try graph.add(y, graph.input("addend", extents))
    }
    if hasReLU { y = try graph.relu(y) }
    graph.output("y", y)
    return graph.finish()
  }
}

extension FusedLayer {
  func lower(_ value: Value, _ operands: [Value], on planner: Planner) throws(EngineError) {
    var epilogue = Epilogue(relu: hasReLU)
    if hasBias { epilogue.bias = operands[2] }
    if hasAddend { epilogue.addend = operands.last }
    switch base {
    case .convolution(let convolution):
      try convolution.lower(
        value, x: operands[0], weight: operands[1], epilogue: epilogue, on: planner)
    case .linear:
      try MatrixMultiply(transposesRight: true).lower(
        value, x: operands[0], weight: operands[1], epilogue: epilogue, on: planner)
    }
  }
}
