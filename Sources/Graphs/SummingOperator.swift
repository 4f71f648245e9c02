import Tensors

/// An operator whose results are sums of many terms, which can be added in several orders.
protocol SummingOperator: Operator {
  /// The value by definition, with the terms of each sum added in an order.
  ///
  /// - Parameters:
  ///   - operands: As of `value(of:shape:)`.
  ///   - shape: The result's shape.
  ///   - order: The order of the terms.
  /// - Returns: A tensor of that shape.
  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape, order: SummationOrder
  ) -> Tensor<Scalar>
}
