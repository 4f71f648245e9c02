import Tensors

/// An order in which the terms of a sum are added.
///
/// In single precision each gives other last bits, so what all of them agree on is no accident of one.
public enum SummationOrder: Sendable, CaseIterable {
  /// From the first to the last.
  case forward
  /// From the last to the first.
  case reversed
  /// Every other one, then those between.
  case alternating

  /// The places of some terms in this order.
  func places(of count: Int) -> [Int] {
    switch self {
    case .forward: Array(0..<count)
    case .reversed: (0..<count).reversed()
    case .alternating:
      Array(stride(from: 0, to: count, by: 2)) + Array(stride(from: 1, to: count, by: 2))
    }
  }
}

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
