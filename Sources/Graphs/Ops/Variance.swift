public import Tensors

/// The mean square of the distance to the mean over some axes, which disappear: the biased variance.
public struct Variance: Operator {
  /// The axes over which it is taken, ascending.
  public let axes: [Int]

  /// The operator's name in messages.
  public var name: String { "variance" }

  /// Creates a variance over axes given in any order.
  public init(axes: [Int]) { self.axes = axes.sorted() }

  /// The result's extents.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard !axes.isEmpty else {
      throw .operands(operator: name, expected: "at least one axis", found: operands)
    }
    return try Reduce(axes: axes, isMean: true).extents(of: operands)
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> { Moments(operands[0], axes: axes).variance }

  /// The cotangent: 2 (x - mean) times the mean of the arriving one.
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let x = application.operands[0]
    let extents = graph.extents(of: x)
    let mean = try graph.apply(
      Broadcast(to: extents, axes: axes), try graph.mean(x, axes: axes))
    let share = try graph.apply(
      Broadcast(to: extents, axes: axes, isMean: true), application.cotangent)
    let centred = try graph.subtract(x, mean)
    return [try graph.scale(try graph.multiply(centred, share), by: 2)]
  }
}

/// Mean and biased variance over some axes.
struct Moments<Scalar: TensorScalar> {
  let groups: AxisMap
  let mean: Tensor<Scalar>
  let variance: Tensor<Scalar>

  @inline(__always)
  init(_ x: Tensor<Scalar>, axes: [Int]) {
    groups = AxisMap(full: x.shape, removing: axes)
    let mean = Moments.mean(x, axes: axes)
    var squares = x
    for index in 0..<x.count {
      let distance = x[index] - mean[groups.reduced(index)]
      squares[index] = distance * distance
    }
    self.mean = mean
    variance = Moments.mean(squares, axes: axes)
  }

  /// The mean over some axes, which disappear.
  @inline(__always)
  static func mean(_ x: Tensor<Scalar>, axes: [Int]) -> Tensor<Scalar> {
    let kept = x.shape.extents.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
    return Reduce(axes: axes, isMean: true).value(of: [x], shape: Shape(kept))
  }
}
