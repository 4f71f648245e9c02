public import Tensors

/// Repeats a value along new axes; the transpose of `Reduce`.
public struct Broadcast: Operator {
  /// The result's extents.
  public let target: Extents
  /// The result's axes along which the operand is repeated, ascending.
  public let axes: [Int]
  /// Whether the value is divided by the number of repetitions, the batch's included.
  public let isMean: Bool

  /// The operator's name in messages.
  public var name: String { "broadcast" }

  /// Creates a repetition along axes given in any order.
  public init(to target: Extents, axes: [Int], isMean: Bool = false) {
    self.target = target
    self.axes = axes.sorted()
    self.isMean = isMean
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    let kept = target.values.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    guard operands.count == 1, operands[0].values == kept, Set(axes).count == axes.count,
      axes.allSatisfy({ 0..<target.rank ~= $0 })
    else {
      throw .operands(
        operator: name, expected: "one operand of \(target) without the axes \(axes)",
        found: operands)
    }
    return target
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let repetitions = axes.reduce(1) { $0 * shape[$1] }
    let factor: Scalar = isMean ? 1 / Scalar(max(repetitions, 1)) : 1
    if x.count == 1 { return Tensor(repeating: factor * x[0], shape: shape) }
    let positions = AxisMap(full: shape, removing: axes).all
    return Tensor(shape: shape) { target in
      for index in 0..<target.count { target[index] = factor * x[positions[index]] }
    }
  }

  /// The cotangent, summed or averaged over the repetitions.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    [try graph.apply(Reduce(axes: axes, isMean: isMean), application.cotangent)]
  }
}

/// Repeats a value along the axes in which it has extent 1, to extents of equal rank.
public struct Expand: Operator {
  /// The result's extents.
  public let target: Extents

  /// The operator's name in messages.
  public var name: String { "expansion" }

  /// Creates a repetition.
  public init(to target: Extents) { self.target = target }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, operands[0].rank == target.rank,
      zip(operands[0].values, target.values).allSatisfy({ $0 == $1 || $0 == 1 })
    else {
      throw .operands(
        operator: name, expected: "one operand of \(target) or of 1 along some axes",
        found: operands)
    }
    return target
  }

  /// The axes along which an operand is repeated.
  public func axes(of operand: Extents) -> [Int] {
    (0..<target.rank).filter { operand[$0] != target[$0] }
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let positions = AxisMap(
      full: shape, removing: (0..<shape.rank).filter { x.shape[$0] != shape[$0] })
    return Tensor((0..<shape.count).map { x[positions.reduced($0)] }, shape: shape)
  }

  /// The cotangent, summed over the repetitions.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extents = graph.extents(of: application.operands[0])
    let sum = try graph.apply(Reduce(axes: axes(of: extents)), application.cotangent)
    return [try graph.apply(Reshape(to: extents), sum)]
  }
}
