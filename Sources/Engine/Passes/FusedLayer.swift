package import Graphs
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

extension Graph {
  /// Joins convolutions and linear layers with the bias, the residual sum and the ReLU that follow, where nothing
  /// else sees the values between.
  package func fusingLayers() -> Graph {
    joining { layer(endingAt: $0, uses: $1) }
  }

  private func layer(endingAt end: Int, uses: [Int]) -> Fusion? {
    var chain = Chain(self, end: end, uses: uses)
    let hasReLU = chain.enter { op, operands in
      op as? Elementwise == Elementwise(.relu) ? operands[0] : nil
    }
    // A convolution with or without bias, or whatever else ends here.
    let beforeSum = chain
    var addend: Value?
    if let (left, right) = chain.sum, extents(left) == extents(right), !isRepeated(left),
      !isRepeated(right)
    {
      // Of two layers the later one takes the sum along.
      let ordered = left.index > right.index ? [left, right] : [right, left]
      for (value, other) in [(ordered[0], ordered[1]), (ordered[1], ordered[0])] {
        var candidate = beforeSum
        if candidate.enter(value), let base = base(&candidate), case .convolution = base.kind {
          addend = other
          return base.fusion(hasReLU: hasReLU, addend: addend, inner: candidate.inner)
        }
      }
      return nil
    }
    guard let base = base(&chain) else { return nil }
    return base.fusion(hasReLU: hasReLU, addend: nil, inner: chain.inner)
  }

  private struct Base {
    let kind: FusedLayer.Base
    let operands: [Value]
    let bias: Value?

    func fusion(hasReLU: Bool, addend: Value?, inner: [Int]) -> Fusion {
      Fusion(
        op: FusedLayer(
          base: kind, hasBias: bias != nil, hasAddend: addend != nil, hasReLU: hasReLU),
        operands: operands + [bias, addend].compactMap { $0 }, inner: inner)
    }
  }

  private func base(_ chain: inout Chain) -> Base? {
    var bias: Value?
    if let (left, right) = chain.sum {
      if let vector = channelVector(right), chain.enter(left) {
        bias = vector
      } else if let vector = channelVector(left), chain.enter(right) {
        bias = vector
      } else {
        return nil
      }
    }
    guard case .operation(let op, let operands, _) = nodes[chain.current] else { return nil }
    if let convolution = op as? Convolution {
      return Base(kind: .convolution(convolution), operands: operands, bias: bias)
    }
    guard op as? MatrixMultiply == MatrixMultiply(transposesRight: true),
      nodes[chain.current].extents.rank == 2
    else { return nil }
    return Base(kind: .linear, operands: operands, bias: bias)
  }

  private func extents(_ value: Value) -> Extents { self[value].extents }

  private func isRepeated(_ value: Value) -> Bool {
    if case .operation(let op, _, _) = self[value] { op is Broadcast } else { false }
  }
}
