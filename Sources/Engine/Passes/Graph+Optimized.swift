import Graphs
import Tensors

extension Graph {
  /// The graph as the engine runs it: the same outputs by fewer and larger steps.
  func optimized(for parameters: ParameterStore) -> Graph {
    var graph = pruned()
    if parameters.isFrozen { graph = graph.foldingConstants(parameters) }
    return graph.fusingReLUGradients().fusingLayers().pruned()
  }

  /// Computes beforehand what depends on frozen parameters and constants alone, in double precision.
  func foldingConstants(_ parameters: ParameterStore) -> Graph {
    // A misfit parameter is left for the planner to report.
    var known = KnownValues(self) { parameters.tensor($0) }
    var rewriter = GraphRewriter(self)
    for index in nodes.indices {
      let value = Value(index: index)
      if nodes[index].isOperation, let tensor = known[value] {
        rewriter.replace(value, by: .constant(tensor.converted()))
      } else {
        rewriter.copy(value)
      }
    }
    return rewriter.finish().pruned()
  }

  /// Replaces products with a ReLU's step by one operator.
  func fusingReLUGradients() -> Graph {
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

  /// Joins convolutions and linear layers with the bias and ReLU that follow, where nothing else sees
  /// the values between.
  func fusingLayers() -> Graph {
    let uses = useCounts
    var fused: [Int: (op: FusedLayer, operands: [Value])] = [:]
    var absorbed: Set<Int> = []
    for index in nodes.indices.reversed() where !absorbed.contains(index) {
      guard let match = layer(endingAt: index, uses: uses), match.inner.count > 0 else { continue }
      fused[index] = (match.op, match.operands)
      absorbed.formUnion(match.inner)
    }
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() where !absorbed.contains(index) {
      let value = Value(index: index)
      if let (op, operands) = fused[index] {
        rewriter.replace(
          value, by: op, operands.map { rewriter.image(of: $0) }, extents: node.extents)
      } else {
        rewriter.copy(value)
      }
    }
    return rewriter.finish().pruned()
  }

  private func layer(
    endingAt end: Int, uses: [Int]
  ) -> (op: FusedLayer, operands: [Value], inner: [Int])? {
    var current = end
    var inner: [Int] = []
    func enter(_ value: Value) -> Bool {
      guard uses[value.index] == 1 else { return false }
      current = value.index
      inner.append(value.index)
      return true
    }
    var hasReLU = false
    if case .operation(let op, let operands, _) = nodes[current],
      op as? Elementwise == Elementwise(.relu)
    {
      guard enter(operands[0]) else { return nil }
      hasReLU = true
    }
    var bias: Value?
    if case .operation(let op, let operands, _) = nodes[current],
      op as? Arithmetic == Arithmetic(.add)
    {
      if let vector = channelVector(operands[1]), enter(operands[0]) {
        bias = vector
      } else if let vector = channelVector(operands[0]), enter(operands[1]) {
        bias = vector
      } else {
        return nil
      }
    }
    guard case .operation(let op, let operands, _) = nodes[current] else { return nil }
    let base: FusedLayer.Base
    if let convolution = op as? Convolution {
      base = .convolution(convolution)
    } else if op as? MatrixMultiply == MatrixMultiply(transposesRight: true),
      nodes[current].extents.rank == 2
    {
      base = .linear
    } else {
      return nil
    }
    let fused = FusedLayer(base: base, hasBias: bias != nil, hasReLU: hasReLU)
    return (fused, operands + (bias.map { [$0] } ?? []), inner)
  }
}
