public import Tensors

/// The sum or mean over some axes, which disappear; the transpose of `Broadcast`.
public struct Reduce: Operator, SummingOperator {
  /// The axes that are summed over, ascending.
  public let axes: [Int]
  /// Whether the sum is divided by the number of summands, the batch's included.
  public let isMean: Bool

  /// The operator's name in messages.
  public var name: String { isMean ? "mean" : "sum" }

  /// Creates a reduction over axes given in any order.
  public init(axes: [Int], isMean: Bool = false) {
    self.axes = axes.sorted()
    self.isMean = isMean
  }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try extents(of: operands, without: axes, areEmptyAllowed: true)
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    value(of: operands, shape: shape, order: .forward)
  }

  /// The value with the terms of each sum added in an order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape, order: SummationOrder
  ) -> Tensor<Scalar> {
    let x = operands[0]
    var result = Tensor<Scalar>.zeros(shape)
    let kept = x.shape.offsets(along: x.shape.extents.indices.filter { !axes.contains($0) })
    let summed = x.shape.offsets(along: axes)
    for place in order.places(of: summed.count) {
      for (index, start) in kept.enumerated() { result[index] += x[start + summed[place]] }
    }
    guard isMean, result.count > 0 else { return result }
    let factor = Scalar(1) / Scalar(x.count / max(result.count, 1))
    return factor * result
  }

  /// The cotangent, broadcast back.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let extents = graph.extents(of: application.operands[0])
    return [
      try graph.apply(
        Broadcast(to: extents, axes: axes, isMean: isMean), application.cotangent)
    ]
  }
}

/// Maps positions in a tensor to positions in the tensor without some of its axes.
struct AxisMap {
  private let extents: [Int]
  private let reducedStrides: [Int]

  init(full: Shape, removing axes: [Int]) {
    extents = full.extents
    var strides = [Int](repeating: 0, count: full.rank)
    var stride = 1
    for axis in full.extents.indices.reversed() where !axes.contains(axis) {
      strides[axis] = stride
      stride *= full[axis]
    }
    reducedStrides = strides
  }

  /// What `reduced` says of every position, in order.
  var all: [Int] { Shape(extents).offsets(strides: reducedStrides) }

  func reduced(_ index: Int) -> Int {
    var rest = index
    var position = 0
    for axis in extents.indices.reversed() {
      position += rest % extents[axis] * reducedStrides[axis]
      rest /= extents[axis]
    }
    return position
  }
}

extension Shape {
  /// Where the elements lie that differ from the first along some axes only, in order.
  fileprivate func offsets(along axes: [Int]) -> [Int] {
    var strides = [Int](repeating: 0, count: rank)
    var stride = 1
    for axis in extents.indices.reversed() {
      strides[axis] = stride
      stride *= self[axis]
    }
    return Shape(axes.map { self[$0] }).offsets(strides: axes.map { strides[$0] })
  }

  /// The sums of strides times indices, in the order of the elements.
  fileprivate func offsets(strides: [Int]) -> [Int] {
    var offsets = [0]
    for (extent, stride) in zip(extents, strides) {
      var inner: [Int] = []
      inner.reserveCapacity(offsets.count * extent)
      for offset in offsets {
        for step in 0..<extent { inner.append(offset + step * stride) }
      }
      offsets = inner
    }
    return offsets
  }
}
