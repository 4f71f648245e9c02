public import Tensors

/// The elementwise sum or product of two values of equal extents.
public struct Arithmetic: Operator {
  /// Which operation.
  public let operation: Operation

  /// The operations.
  public enum Operation: Hashable, Sendable {
    /// The sum.
    case add
    /// The product.
    case multiply
  }

  /// The operator's name in messages.
  public var name: String { "\(operation)" }

  /// Creates an elementwise operation on two values.
  public init(_ operation: Operation) { self.operation = operation }

  /// The result's extents: those of both operands.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0] == operands[1] else {
      throw .operands(operator: name, expected: "two operands of equal extents", found: operands)
    }
    return operands[0]
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    switch operation {
    case .add: operands[0] + operands[1]
    case .multiply: operands[0] * operands[1]
    }
  }

  /// The cotangents: the arriving one, or the arriving one times the other operand.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    switch operation {
    case .add:
      return [application.cotangent, application.cotangent]
    case .multiply:
      let (left, right) = (application.operands[0], application.operands[1])
      return [
        application.wanted[0] ? try graph.multiply(application.cotangent, right) : nil,
        application.wanted[1] ? try graph.multiply(application.cotangent, left) : nil,
      ]
    }
  }
}
