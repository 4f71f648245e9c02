public import Tensors

/// The softmax or its logarithm along the innermost axis.
public struct Softmax: Operator {
  /// Whether the result is the logarithm.
  public let isLogarithm: Bool

  /// The operator's name in messages.
  public var name: String { isLogarithm ? "log-softmax" : "softmax" }

  /// Creates a softmax.
  public init(logarithm: Bool = false) { isLogarithm = logarithm }

  /// The result's extents: the operand's.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, operands[0].rank >= 1,
      operands[0].rank > 1 || !operands[0].isBatched
    else {
      throw .operands(operator: name, expected: "one operand with a class axis", found: operands)
    }
    return operands[0]
  }

  /// The value by definition, shifted by the maximum.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    var result = operands[0]
    let classes = shape[shape.rank - 1]
    for start in stride(from: 0, to: result.count, by: max(classes, 1)) {
      let range = start..<start + classes
      let largest = range.reduce(-Scalar.infinity) { max($0, result[$1]) }
      let sum = range.reduce(Scalar(0)) { $0 + Scalar.exp(result[$1] - largest) }
      let logSum = Scalar.log(sum)
      for index in range {
        let shifted = result[index] - largest
        result[index] = isLogarithm ? shifted - logSum : Scalar.exp(shifted) / sum
      }
    }
    return result
  }

  /// The cotangent: s * (dy - sum(dy * s)), or dy - s * sum(dy) for the logarithm.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extents = graph.extents(of: application.result)
    let axis = extents.rank - 1
    let dy = application.cotangent
    func summed(
      _ value: Value, in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
      let sum = try graph.apply(Reduce(axes: [axis]), value)
      return try graph.apply(Broadcast(to: extents, axes: [axis]), sum)
    }
    if isLogarithm {
      let softmax = try graph.apply(Elementwise(.exp), application.result)
      let product = try graph.multiply(softmax, try summed(dy, in: &graph))
      return [try graph.subtract(dy, product)]
    }
    let softmax = application.result
    let sum = try summed(try graph.multiply(dy, softmax), in: &graph)
    return [try graph.multiply(softmax, try graph.subtract(dy, sum))]
  }
}
