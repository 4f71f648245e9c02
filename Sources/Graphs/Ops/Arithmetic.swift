public import Tensors

/// An elementwise operation on two values of equal extents.
public struct Arithmetic: Operator {
  /// Which operation.
  public let operation: Operation

  /// The operations.
  public enum Operation: Hashable, Sendable {
    /// The sum.
    case add
    /// The product.
    case multiply
    /// The quotient of the first and the second.
    case divide
    /// The first to the power of the second.
    case power
    /// The larger of both; NaN where either is; equals share the cotangent.
    case maximum
    /// The smaller of both; NaN where either is; equals share the cotangent.
    case minimum
  }

  /// The operator's name in messages.
  public var name: String { "\(operation)" }

  /// Creates an elementwise operation on two values.
  public init(_ operation: Operation) { self.operation = operation }

  /// The result's extents: those of both operands.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try extentsOfEqualPair(operands)
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let (left, right) = (operands[0], operands[1])
    return switch operation {
    case .add: left + right
    case .multiply: left * right
    case .divide: left.zip(right) { $0 / $1 }
    case .power: left.zip(right) { Scalar.pow($0, $1) }
    case .maximum: left.zip(right) { $0 >= $1 || $0.isNaN ? $0 : $1 }
    case .minimum: left.zip(right) { $0 <= $1 || $0.isNaN ? $0 : $1 }
    }
  }

  /// The cotangents: the arriving one times the derivatives.
  ///
  /// The derivative of a power by its exponent is that at the smallest positive number where the base is not
  /// positive: zero at zero.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (left, right) = (application.operands[0], application.operands[1])
    let dy = application.cotangent
    var gradients: [Value?] = [nil, nil]
    switch operation {
    case .add:
      return [dy, dy]
    case .multiply:
      if application.wanted[0] { gradients[0] = try graph.multiply(dy, right) }
      if application.wanted[1] { gradients[1] = try graph.multiply(dy, left) }
    case .divide:
      let quotient = try graph.apply(Arithmetic(.divide), dy, right)
      gradients[0] = quotient
      if application.wanted[1] {
        gradients[1] = try graph.scale(
          try graph.multiply(quotient, application.result), by: -1)
      }
    case .power:
      if application.wanted[0] {
        let less = try graph.affine(right, factor: 1, offset: -1)
        let slope = try graph.multiply(
          right, try graph.apply(Arithmetic(.power), left, less))
        gradients[0] = try graph.multiply(dy, slope)
      }
      if application.wanted[1] {
        let base = try graph.apply(
          Elementwise(.clip(lower: .leastNormalMagnitude, upper: .infinity)), left)
        let slope = try graph.multiply(
          application.result, try graph.apply(Elementwise(.log), base))
        gradients[1] = try graph.multiply(dy, slope)
      }
    case .maximum, .minimum:
      let relations: [Comparison.Relation] =
        operation == .maximum ? [.greater, .greaterOrEqual] : [.less, .lessOrEqual]
      let strictly = try graph.apply(Comparison(relations[0]), left, right)
      let weakly = try graph.apply(Comparison(relations[1]), left, right)
      let share = try graph.scale(try graph.add(strictly, weakly), by: 0.5)
      let part = try graph.multiply(dy, share)
      gradients[0] = part
      if application.wanted[1] { gradients[1] = try graph.subtract(dy, part) }
    }
    return gradients
  }
}
