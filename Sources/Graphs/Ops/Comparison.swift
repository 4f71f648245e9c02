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
