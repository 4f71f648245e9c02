public import Tensors

/// The mean cross-entropy of rows of logits with the classes that labels name: (logits, labels) -> a scalar.
///
/// mean over the labelled rows of log(sum over k of exp(z_k)) - z_label. Logits are N x K, labels N: numbers of classes
/// from 0. A row whose label is no class, such as -1, counts nothing, and where no row has one the loss is 0.
public struct CrossEntropy: Operator {
  /// The operator's name in messages.
  public var name: String { "cross-entropy" }

  /// Creates a cross-entropy.
  public init() {}

  /// The result's extents: a scalar's.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 2, operands[0].rank == 2, operands[0][1] > 0,
      operands[1] == [operands[0][0]]
    else {
      throw .operands(
        operator: name, expected: "rows of logits and a label for each", found: operands)
    }
    return []
  }

  /// The value by definition, shifted by the largest logit of each row.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let rows = LabelledRows(operands[0], operands[1])
    var sum = Scalar(0)
    for (row, label) in rows.labels {
      let logits = rows.logits(row)
      let largest = logits.reduce(-Scalar.infinity) { max($0, $1) }
      let total = logits.reduce(Scalar(0)) { $0 + Scalar.exp($1 - largest) }
      sum += Scalar.log(total) - (logits[logits.startIndex + label] - largest)
    }
    return Tensor(rows.labels.isEmpty ? 0 : sum / Scalar(rows.labels.count))
  }

  /// The cotangent of the logits; the labels have none.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    [
      try graph.apply(
        CrossEntropyGradient(), application.operands[0], application.operands[1],
        application.cotangent), nil,
    ]
  }
}

/// The gradient of a cross-entropy: (logits, labels, dy) -> dz = dy (softmax(z) - onehot) / n on the n labelled rows.
public struct CrossEntropyGradient: Operator {
  /// The operator's name in messages.
  public var name: String { "cross-entropy's gradient" }

  /// Creates the gradient of a cross-entropy.
  public init() {}

  /// The result's extents: the logits'.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 3, operands[2] == [] else {
      throw .operands(
        operator: name, expected: "rows of logits, a label for each and a scalar", found: operands)
    }
    _ = try CrossEntropy().extents(of: Array(operands[..<2]))
    return operands[0]
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let rows = LabelledRows(operands[0], operands[1])
    let softmax = Softmax().value(of: [operands[0]], shape: shape)
    let factor = operands[2][0] / Scalar(max(rows.labels.count, 1))
    var result = Tensor<Scalar>.zeros(shape)
    for (row, label) in rows.labels {
      for index in 0..<shape[1] {
        let target: Scalar = index == label ? 1 : 0
        result[row * shape[1] + index] = factor * (softmax[row * shape[1] + index] - target)
      }
    }
    return result
  }

  /// The cotangents: with u = v dy / n on labelled rows and s the softmax, s (u - sum(u s)) for the logits; for dy the sum
  /// of v times the gradient for dy = 1.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (logits, labels, dy) = (
      application.operands[0], application.operands[1], application.operands[2]
    )
    let v = application.cotangent
    let extents = graph.extents(of: logits)
    var gradients: [Value?] = [nil, nil, nil]
    if application.wanted[0] {
      let shares = try rowShares(labels, classes: extents[1], in: &graph)
      let share = try graph.multiply(
        try graph.apply(Broadcast(to: extents, axes: [1]), shares),
        try graph.apply(Broadcast(to: extents, axes: [0, 1]), dy))
      let u = try graph.multiply(v, share)
      let softmax = try graph.apply(Softmax(), logits)
      let sum = try graph.apply(Reduce(axes: [1]), try graph.multiply(u, softmax))
      gradients[0] = try graph.multiply(
        softmax,
        try graph.subtract(u, try graph.apply(Broadcast(to: extents, axes: [1]), sum)))
    }
    if application.wanted[2] {
      let unit = try graph.apply(self, logits, labels, graph.constant(Tensor(1)))
      gradients[2] = try graph.apply(Reduce(axes: [0, 1]), try graph.multiply(v, unit))
    }
    return gradients
  }

  /// 1 / n for the n rows that have a label, else 0.
  private func rowShares(
    _ labels: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    let extents = graph.extents(of: labels)
    let zero = try graph.scale(labels, by: 0)
    let end = try graph.affine(labels, factor: 0, offset: Float(classes))
    let isLabelled = try graph.multiply(
      try graph.apply(Comparison(.greaterOrEqual), labels, zero),
      try graph.apply(Comparison(.less), labels, end))
    let count = try graph.apply(
      Elementwise(.clip(lower: 1, upper: .infinity)),
      try graph.apply(Reduce(axes: [0]), isLabelled))
    return try graph.apply(
      Arithmetic(.divide), isLabelled,
      try graph.apply(Broadcast(to: extents, axes: [0]), count))
  }
}

/// Rows of logits with the classes that some of them are labelled with.
private struct LabelledRows<Scalar: TensorScalar> {
  private let all: Tensor<Scalar>
  private let width: Int
  /// The rows that have a label, and their classes.
  let labels: [(row: Int, label: Int)]

  @inline(__always)
  init(_ logits: Tensor<Scalar>, _ labels: Tensor<Scalar>) {
    all = logits
    let width = logits.shape[1]
    self.width = width
    self.labels = labels.scalars.enumerated().compactMap { row, label in
      label >= 0 && label < Scalar(width) ? (row, Int(label)) : nil
    }
  }

  @inline(__always)
  func logits(_ row: Int) -> ArraySlice<Scalar> { all.scalars[row * width..<(row + 1) * width] }
}
