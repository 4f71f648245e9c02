import Graphs

// Functions that exporters write out, found again so that they are computed and differentiated in one step.

extension GraphBuilder {
  /// factor * x, as the Gaussian error linear unit of what x is made of if that is what it is.
  mutating func scaleRecognized(_ x: Value, by factor: Float) throws(GraphError) -> Value {
    if factor == 0.5, let (left, right) = operands(x, of: .multiply) {
      for (source, tail) in [(left, right), (right, left)] where errorTail(tail) == source {
        return try gelu(source)
      }
    }
    return try scale(x, by: factor)
  }

  /// The elementwise product, as the Gaussian error linear unit of what it is made of if that is what it is.
  mutating func multiplyRecognized(_ left: Value, _ right: Value) throws(GraphError) -> Value {
    for (half, tail) in [(left, right), (right, left)] {
      if let source = scaled(half, by: 0.5), errorTail(tail) == source { return try gelu(source) }
      if let inner = scaled(tail, by: 0.5), errorTail(inner) == half { return try gelu(half) }
    }
    return try multiply(left, right)
  }

  /// x of 1 + erf(x / sqrt(2)).
  private func errorTail(_ value: Value) -> Value? {
    guard let sum = function(value), sum.function == .affine(factor: 1, offset: 1),
      let error = function(sum.x), error.function == .erf,
      let inner = function(error.x), case .affine(let factor, 0) = inner.function,
      abs(factor - 0.707_106_77) < 1e-6
    else { return nil }
    return inner.x
  }

  /// What is standardised, over which axes and with which epsilon, if a quotient is a standardisation.
  func standardization(
    of centred: Value, by deviation: Value
  ) -> (x: Value, axes: [Int], epsilon: Float)? {
    guard let root = function(unshaped(deviation)), root.function == .squareRoot,
      let sum = function(unshaped(root.x)), case .affine(1, let epsilon) = sum.function,
      epsilon > 0, let variance = mean(unshaped(sum.x)), isSquare(variance.x, of: centred),
      let (left, right) = operands(centred, of: .add)
    else { return nil }
    for (x, other) in [(left, right), (right, left)] {
      guard let negative = function(unshaped(other)),
        negative.function == .affine(factor: -1, offset: 0),
        let mean = mean(unshaped(negative.x)), mean.x == x, mean.axes == variance.axes
      else { continue }
      return (x, mean.axes, epsilon)
    }
    return nil
  }

  /// The value that others are only other shapes and repetitions of.
  private func unshaped(_ value: Value) -> Value {
    var value = value
    while case .operation(let op, let operands, _) = nodes[value.index],
      op is Reshape || op is Broadcast
    { value = operands[0] }
    return value
  }

  private func mean(_ value: Value) -> (x: Value, axes: [Int])? {
    guard case .operation(let op, let operands, _) = nodes[value.index],
      let reduction = op as? Reduce, reduction.isMean
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
    guard case .operation(let op, let operands, _) = nodes[value.index],
      let elementwise = op as? Elementwise
    else { return nil }
    return (elementwise.function, operands[0])
  }

  private func operands(
    _ value: Value, of operation: Arithmetic.Operation
  ) -> (Value, Value)? {
    guard case .operation(let op, let operands, _) = nodes[value.index],
      op as? Arithmetic == Arithmetic(operation)
    else { return nil }
    return (operands[0], operands[1])
  }
}
