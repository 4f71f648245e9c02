public import Tensors

/// The largest or smallest value over some axes, which disappear; NaN if any is.
public struct Extremum: Operator {
  /// The axes that are searched, ascending.
  public let axes: [Int]
  /// Whether the largest is wanted, not the smallest.
  public let isMaximum: Bool

  /// The operator's name in messages.
  public var name: String { isMaximum ? "maximum over axes" : "minimum over axes" }

  /// Creates a search over axes given in any order.
  public init(axes: [Int], isMaximum: Bool) {
    self.axes = axes.sorted()
    self.isMaximum = isMaximum
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try extents(of: operands, without: axes, areEmptyAllowed: false)
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let positions = AxisMap(full: x.shape, removing: axes)
    var result = Tensor<Scalar>(
      repeating: isMaximum ? -Scalar.infinity : Scalar.infinity, shape: shape)
    for index in 0..<x.count {
      let position = positions.reduced(index)
      let (best, value) = (result[position], x[index])
      if value.isNaN || (isMaximum ? value > best : value < best) { result[position] = value }
    }
    return result
  }

  /// The cotangent, shared equally by all values that equal the result.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let x = application.operands[0]
    let spread = Broadcast(to: graph.extents(of: x), axes: axes)
    let winners = try graph.apply(
      Comparison(.equal), x, try graph.apply(spread, application.result))
    let count = try graph.apply(Reduce(axes: axes), winners)
    let share = try graph.apply(Arithmetic(.divide), application.cotangent, count)
    return [try graph.multiply(winners, try graph.apply(spread, share))]
  }
}
