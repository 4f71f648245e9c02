import Graphs

extension BatchNormalization: IntervalOperator {
  /// The normalisation of the center, and the radius times |scale| / sqrt(variance + epsilon).
  ///
  /// It is written without the operator itself, of which each stands for statistics of its own in training.
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    guard isAffine(inUncertain: bounds.uncertain(operands)) else { return nil }
    let (scale, shift, mean) = (operands[1], operands[2], operands[3])
    let inverse = try graph.inverseDeviation(operands[4], epsilon: epsilon)
    let factor = try graph.multiply(scale, inverse)
    let offset = try graph.subtract(shift, try graph.multiply(mean, factor))
    let magnitude = try graph.apply(Elementwise(.abs), factor)
    let x = try bounds.centered(operands[0], in: &graph)
    let center = try graph.multiply(x.center, try graph.perChannel(factor, like: x.center))
    return IntervalForm(
      center: try graph.addBias(center, offset),
      radius: try graph.multiply(x.radius, try graph.perChannel(magnitude, like: x.radius)))
  }

  func isAffine(inUncertain uncertain: [Bool]) -> Bool {
    uncertain == [true, false, false, false, false]
  }
}

extension Standardize: IntervalOperator {
  /// The interval at the statistics of the clean values, where they are a batch's.
  ///
  /// Those of each example by itself, as in layer normalisation, move with it, and no interval is known.
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    guard isOverBatch(operands[0], in: graph) else { return nil }
    let mean = try graph.apply(
      Broadcast(to: graph.extents(of: operands[0]), axes: axes),
      try graph.mean(operands[0], axes: axes))
    let inverse = try inverseDeviation(of: operands[0], in: &graph)
    let x = try bounds.centered(operands[0], in: &graph)
    return IntervalForm(
      center: try graph.multiply(try graph.subtract(x.center, mean), inverse),
      radius: try graph.multiply(x.radius, inverse))
  }

  /// Whether the statistics are those of a batch.
  func isOverBatch(_ x: Value, in graph: GraphBuilder) -> Bool {
    axes.contains(0) && graph.extents(of: x).isBatched
  }

  /// 1 / sqrt(variance + epsilon) of the clean values, in their extents.
  func inverseDeviation(
    of x: Value, in graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    let variance = try graph.apply(Variance(axes: axes), x)
    return try graph.apply(
      Broadcast(to: graph.extents(of: x), axes: axes),
      try graph.inverseDeviation(variance, epsilon: epsilon))
  }
}
