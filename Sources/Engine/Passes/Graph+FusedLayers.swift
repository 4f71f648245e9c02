package import Graphs

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
