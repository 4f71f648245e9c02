public import Tensors

/// (x - mean) / sqrt(variance + epsilon) with the mean and variance of x over some axes.
///
/// Over the channels this is the core of layer normalisation, over all other axes that of batch normalisation
/// in training. The variance is the biased one.
public struct Standardize: Operator {
  /// The axes over which mean and variance are taken, ascending.
  public let axes: [Int]
  /// Added to the variance.
  public let epsilon: Float

  /// The operator's name in messages.
  public var name: String { "standardisation" }

  /// Creates a standardisation over axes given in any order.
  public init(axes: [Int], epsilon: Float = 1e-5) {
    self.axes = axes.sorted()
    self.epsilon = epsilon
  }

  /// The result's extents: the operand's.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    guard operands.count == 1 else {
      throw .operands(operator: name, expected: "one operand", found: operands)
    }
    _ = try Variance(axes: axes).extents(of: operands)
    return operands[0]
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let moments = Moments(operands[0], axes: axes)
    let inverse = moments.variance.map { 1 / ($0 + Scalar(epsilon)).squareRoot() }
    var result = operands[0]
    for index in 0..<result.count {
      let group = moments.groups.reduced(index)
      result[index] = (result[index] - moments.mean[group]) * inverse[group]
    }
    return result
  }

  /// The cotangent: (dy - mean(dy) - y mean(dy y)) / sqrt(variance + epsilon).
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    [
      try graph.apply(
        StandardizeGradient(self), application.operands[0], application.cotangent)
    ]
  }
}

/// The gradient of a standardisation: (x, dy) -> dx.
public struct StandardizeGradient: Operator {
  /// The standardisation that is differentiated.
  public let standardization: Standardize

  /// The operator's name in messages.
  public var name: String { "standardisation's gradient" }

  /// Creates the gradient of a standardisation.
  public init(_ standardization: Standardize) { self.standardization = standardization }

  /// The result's extents: those of both operands.
  public func extents(of operands: [Extents]) throws(GraphError) -> Extents {
    try standardization.extents(of: [try extentsOfEqualPair(operands)])
  }

  /// The value by definition.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func value<Scalar: TensorScalar>(
    of operands: [Tensor<Scalar>], shape: Shape
  ) -> Tensor<Scalar> {
    let moments = Moments(operands[0], axes: standardization.axes)
    let inverse = moments.variance.map { 1 / ($0 + Scalar(standardization.epsilon)).squareRoot() }
    let y = standardization.value(of: [operands[0]], shape: shape)
    let dy = operands[1]
    let mean = Moments.mean(dy, axes: standardization.axes)
    let along = Moments.mean(dy * y, axes: standardization.axes)
    var result = dy
    for index in 0..<result.count {
      let group = moments.groups.reduced(index)
      result[index] = (dy[index] - mean[group] - y[index] * along[group]) * inverse[group]
    }
    return result
  }

  /// The cotangents: linear and symmetric in dy; in x by the product rule, with s = 1 / sqrt(variance + epsilon)
  /// and y the standardised values: -s y mean(v dx), and the standardisation's gradient of
  /// -s (v mean(dy y) + dy mean(v y)).
  public func gradients(
    _ application: Application, in graph: inout GraphBuilder
  ) throws(GraphError) -> [Value?] {
    let (x, dy) = (application.operands[0], application.operands[1])
    let v = application.cotangent
    var gradients: [Value?] = [nil, nil]
    if application.wanted[1] { gradients[1] = try graph.apply(self, x, v) }
    guard application.wanted[0] else { return gradients }
    let extents = graph.extents(of: x)
    let axes = standardization.axes
    func spread(_ value: Value, in graph: inout GraphBuilder) throws(GraphError) -> Value {
      try graph.apply(Broadcast(to: extents, axes: axes), value)
    }
    func averaged(
      _ left: Value, _ right: Value, in graph: inout GraphBuilder
    ) throws(GraphError) -> Value {
      let mean = try graph.mean(try graph.multiply(left, right), axes: axes)
      return try spread(mean, in: &graph)
    }
    let y = try graph.apply(standardization, x)
    let variance = try graph.apply(Variance(axes: axes), x)
    let inverse = try spread(
      try graph.inverseDeviation(variance, epsilon: standardization.epsilon), in: &graph)
    let bySize = try graph.multiply(y, try averaged(v, application.result, in: &graph))
    let along = try graph.add(
      try graph.multiply(v, try averaged(dy, y, in: &graph)),
      try graph.multiply(dy, try averaged(v, y, in: &graph)))
    let byDirection = try graph.apply(self, x, try graph.multiply(inverse, along))
    let sum = try graph.add(try graph.multiply(inverse, bySize), byDirection)
    gradients[0] = try graph.scale(sum, by: -1)
    return gradients
  }
}
