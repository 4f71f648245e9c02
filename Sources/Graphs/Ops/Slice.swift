public import Tensors

/// Evenly spaced positions along one axis other than the batch; neighbours are the transpose of `Pad`.
public struct Slice: Operator {
  /// The axis.
  public let axis: Int
  /// The first position that is kept.
  public let start: Int
  /// The distance between kept positions, negative for the reverse order, never zero.
  public let step: Int
  /// The number of kept positions.
  public let count: Int

  /// The operator's name in messages.
  public var name: String { "slice" }

  /// Creates a slice of neighbouring positions.
  public init(axis: Int, range: Range<Int>) {
    self.init(axis: axis, start: range.lowerBound, step: 1, count: range.count)
  }

  /// Creates a slice of positions `start`, `start + step` and so on.
  public init(axis: Int, start: Int, step: Int, count: Int) {
    self.axis = axis
    self.start = start
    self.step = step
    self.count = count
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1, 0..<operands[0].rank ~= axis,
      operands[0][axis] != Extents.batch, fits(operands[0][axis])
    else {
      throw .operands(
        operator: name,
        expected: "one operand with \(count) positions from \(start) by \(step) along axis \(axis)",
        found: operands)
    }
    return operands[0].replacing(axis: axis, with: count)
  }

  private func fits(_ extent: Int) -> Bool {
    guard count >= 0, step != 0 else { return false }
    if count == 0 { return 0...extent ~= start }
    let way = step.multipliedReportingOverflow(by: count - 1)
    let last = start.addingReportingOverflow(way.partialValue)
    return !way.overflow && !last.overflow && 0..<extent ~= start
      && 0..<extent ~= last.partialValue
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let x = operands[0]
    let outer = shape.extents[..<axis].reduce(1, *)
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    var scalars: [Scalar] = []
    scalars.reserveCapacity(shape.count)
    for block in 0..<outer {
      for position in 0..<count {
        let first = (block * x.shape[axis] + start + position * step) * inner
        scalars += x.scalars[first..<first + inner]
      }
    }
    return Tensor(scalars, shape: shape)
  }

  /// The cotangent, surrounded by zeros, or spread among them.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extent = graph.extents(of: application.operands[0])[axis]
    if step == 1 {
      return [
        try graph.apply(
          Pad(axis: axis, before: start, after: extent - start - count), application.cotangent)
      ]
    }
    let selection = SparseMatrix(
      selecting: (0..<count).map { start + $0 * step }, of: extent)
    return [
      try graph.apply(SparseProduct(selection.transposed, axis: axis), application.cotangent)
    ]
  }
}
