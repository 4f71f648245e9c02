public import Tensors

/// The softmax or its logarithm along one axis other than the batch.
public struct Softmax: Operator {
  /// Whether the result is the logarithm.
  public let isLogarithm: Bool
  /// The axis; a negative one counts from behind the innermost.
  public let axis: Int

  /// The operator's name in messages.
  public var name: String { isLogarithm ? "log-softmax" : "softmax" }

  /// Creates a softmax.
  public init(axis: Int = -1, logarithm: Bool = false) {
    self.axis = axis
    isLogarithm = logarithm
  }

  /// The result's extents: the operand's.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, 0..<operands[0].rank ~= position(in: operands[0].rank),
      operands[0][position(in: operands[0].rank)] != Extents.batch
    else {
      throw .operands(
        operator: name, expected: "one operand with an axis \(axis) other than the batch",
        found: operands)
    }
    return operands[0]
  }

  /// The axis of values of a rank, counted from the outermost.
  public func position(in rank: Int) -> Int { axis < 0 ? rank + axis : axis }

  /// The value by definition, shifted by the maximum.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    var result = operands[0]
    let axis = position(in: shape.rank)
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    let size = shape[axis] * inner
    for block in stride(from: 0, to: result.count, by: max(size, 1)) {
      for start in block..<block + inner {
        let positions = stride(from: start, to: start + size, by: inner)
        let largest = positions.reduce(-Scalar.infinity) { max($0, result[$1]) }
        let sum = positions.reduce(Scalar(0)) { $0 + Scalar.exp(result[$1] - largest) }
        let logSum = Scalar.log(sum)
        for index in positions {
          let shifted = result[index] - largest
          result[index] = isLogarithm ? shifted - logSum : Scalar.exp(shifted) / sum
        }
      }
    }
    return result
  }

  /// The cotangent: s * (dy - sum(dy * s)), or dy - s * sum(dy) for the logarithm.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extents = graph.extents(of: application.result)
    let axis = position(in: extents.rank)
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
