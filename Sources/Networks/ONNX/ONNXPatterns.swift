package import Graphs

extension Graph {
  /// The graph with functions that exporters write out found again, so that each is computed and differentiated in one
  /// step.
  ///
  /// These are the Gaussian error linear unit by the error function, and the standardisation of layer normalisation.
  /// What is only similar stays as it is written.
  package func recognizingPatterns() -> Graph {
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() {
      let value = Value(index: index)
      if let (op, x) = recognized(value) {
        rewriter.replace(value, by: op, [rewriter.image(of: x)], extents: node.extents)
      } else {
        rewriter.copy(value)
      }
    }
    return rewriter.finish().pruned()
  }

  /// The operator of one operand that a value is, if it is one that was written out.
  private func recognized(_ value: Value) -> (op: any Operator, x: Value)? {
    guard case .operation(let op, let operands, _) = self[value] else { return nil }
    if let arithmetic = op as? Arithmetic {
      switch arithmetic.operation {
      case .multiply:
        return gelu(ofFactors: operands[0], operands[1]).map { (Elementwise(.gelu), $0) }
      case .divide: return standardization(of: operands[0], by: operands[1])
      default: return nil
      }
    }
    guard op as? Elementwise == Elementwise(.affine(factor: 0.5, offset: 0)),
      let (left, right) = self.operands(operands[0], of: .multiply)
    else { return nil }
    for (x, tail) in [(left, right), (right, left)] where errorTail(tail) == x {
      return (Elementwise(.gelu), x)
    }
    return nil
  }

  /// x of two factors of which one is halved and whose product is x / 2 (1 + erf(x / sqrt(2))).
  private func gelu(ofFactors left: Value, _ right: Value) -> Value? {
    for (half, tail) in [(left, right), (right, left)] {
      if let x = scaled(half, by: 0.5), errorTail(tail) == x { return x }
      if let inner = scaled(tail, by: 0.5), errorTail(inner) == half { return half }
    }
    return nil
  }

  /// x of 1 + erf(x / sqrt(2)).
  private func errorTail(_ value: Value) -> Value? {
    guard let sum = function(value), sum.function == .affine(factor: 1, offset: 1),
      let error = function(sum.x), error.function == .erf,
      let inner = function(error.x), case .affine(let factor, 0) = inner.function,
      // The reciprocal of the root, as it is and as quotients round it.
      abs(factor - Float(0.5).squareRoot()) <= 2 * Float(0.5).ulp
    else { return nil }
    return inner.x
  }

  /// The standardisation that a quotient is, and of what.
  ///
  /// Mean and deviation must come back along the very axes that they were taken over.
  private func standardization(
    of centred: Value, by divisor: Value
  ) -> (op: any Operator, x: Value)? {
    let deviation = RepeatedValue(divisor, in: self)
    guard deviation.functions.count == 2, deviation.functions[0] == .squareRoot,
      case .affine(1, let epsilon) = deviation.functions[1], epsilon > 0,
      let variance = mean(deviation.source), isSquare(variance.x, of: centred),
      deviation.repeats(alongAxes: variance.axes, of: self[centred].extents),
      let (left, right) = operands(centred, of: .add)
    else { return nil }
    for (x, other) in [(left, right), (right, left)] {
      let negative = RepeatedValue(other, in: self)
      guard negative.functions == [.affine(factor: -1, offset: 0)],
        let mean = mean(negative.source), mean.x == x, mean.axes == variance.axes,
        negative.repeats(alongAxes: mean.axes, of: self[x].extents)
      else { continue }
      return (Standardize(axes: mean.axes, epsilon: epsilon), x)
    }
    return nil
  }

  private func mean(_ value: Value) -> (x: Value, axes: [Int])? {
    guard case .operation(let op, let operands, _) = self[value], let reduction = op as? Reduce,
      reduction.isMean, !reduction.axes.isEmpty
    else { return nil }
    return (operands[0], reduction.axes)
  }

  private func isSquare(_ value: Value, of x: Value) -> Bool {
    if let found = function(value) { return found.function == .square && found.x == x }
    return operands(value, of: .multiply).map { $0 == (x, x) } ?? false
  }

  private func scaled(_ value: Value, by factor: Float) -> Value? {
    guard let found = function(value), found.function == .affine(factor: factor, offset: 0) else {
      return nil
    }
    return found.x
  }

  private func function(_ value: Value) -> (function: Elementwise.Function, x: Value)? {
    guard case .operation(let op, let operands, _) = self[value],
      let elementwise = op as? Elementwise
    else { return nil }
    return (elementwise.function, operands[0])
  }

  private func operands(_ value: Value, of operation: Arithmetic.Operation) -> (Value, Value)? {
    guard case .operation(let op, let operands, _) = self[value],
      op as? Arithmetic == Arithmetic(operation)
    else { return nil }
    return (operands[0], operands[1])
  }
}
