import Graphs

// Functions that exporters write out, found again so that they are computed and differentiated in one step.

extension GraphBuilder {
  /// factor * x, as the Gaussian error linear unit of what x is made of if that is what it is.
  mutating func scaleRecognized(_ x: Value, by factor: Float) throws(GraphError) -> Value {
    if factor == 0.5, let (left, right) = product(x) {
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

  private func product(_ value: Value) -> (Value, Value)? {
    guard case .operation(let op, let operands, _) = nodes[value.index],
      op as? Arithmetic == Arithmetic(.multiply)
    else { return nil }
    return (operands[0], operands[1])
  }
}
