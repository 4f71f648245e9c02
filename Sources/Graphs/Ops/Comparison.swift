public import Tensors

/// 1 where a relation holds between two values of equal extents, else 0; false where either is NaN.
public struct Comparison: Operator {
  /// Which relation.
  public let relation: Relation

  /// The relations of the first operand to the second.
  public enum Relation: Hashable, Sendable, CaseIterable {
    /// Both are equal.
    case equal
    /// The first is less.
    case less
    /// The first is less, or both are equal.
    case lessOrEqual
    /// The first is greater.
    case greater
    /// The first is greater, or both are equal.
    case greaterOrEqual
  }

  /// The operator's name in messages.
  public var name: String { "comparison" }

  /// Creates a comparison.
  public init(_ relation: Relation) { self.relation = relation }

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
    return switch relation {
    case .equal: left.zip(right) { $0 == $1 ? 1 : 0 }
    case .less: left.zip(right) { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: left.zip(right) { $0 <= $1 ? 1 : 0 }
    case .greater: left.zip(right) { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: left.zip(right) { $0 >= $1 ? 1 : 0 }
    }
  }

  /// None: the result is constant almost everywhere.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] { [nil, nil] }
}

/// (condition, a, b) of equal extents -> a where the condition is not zero, else b.
public struct Select: Operator {
  /// The operator's name in messages.
  public var name: String { "selection" }

  /// Creates a selection.
  public init() {}

  /// The result's extents: those of the operands.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 3, operands[0] == operands[1], operands[0] == operands[2] else {
      throw .operands(
        operator: name, expected: "three operands of equal extents", found: operands)
    }
    return operands[0]
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let (condition, a, b) = (operands[0], operands[1], operands[2])
    return Tensor(
      condition.scalars.indices.map { condition[$0] != 0 ? a[$0] : b[$0] }, shape: shape)
  }

  /// The cotangents: the arriving one where the operand was selected, else zero; none of the condition.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    guard application.wanted[1] || application.wanted[2] else { return [nil, nil, nil] }
    let condition = application.operands[0]
    let extents = graph.extents(of: condition)
    let zero = try graph.apply(
      Broadcast(to: extents, axes: Array(0..<extents.rank)), graph.constant(Tensor(0)))
    return [
      nil,
      application.wanted[1]
        ? try graph.apply(Select(), condition, application.cotangent, zero) : nil,
      application.wanted[2]
        ? try graph.apply(Select(), condition, zero, application.cotangent) : nil,
    ]
  }
}
