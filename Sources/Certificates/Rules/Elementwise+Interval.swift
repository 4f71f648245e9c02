import Graphs

extension Elementwise: IntervalOperator {
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    switch function.course {
    case .affine(let factor, _):
      return try affine(operands[0], factor: factor, &bounds, in: &graph)
    case .rising:
      let x = try bounds.interval(of: operands[0], in: &graph)
      return IntervalForm(
        lower: try graph.apply(self, x.lower), upper: try graph.apply(self, x.upper))
    case .falling:
      let x = try bounds.interval(of: operands[0], in: &graph)
      return IntervalForm(
        lower: try graph.apply(self, x.upper), upper: try graph.apply(self, x.lower))
    case .valley(let bottom):
      let x = try bounds.interval(of: operands[0], in: &graph)
      let lowest = try nearest(to: Float(bottom), in: x, &graph)
      let ends = (try graph.apply(self, x.lower), try graph.apply(self, x.upper))
      return IntervalForm(
        lower: try graph.apply(self, lowest),
        upper: try graph.apply(Arithmetic(.maximum), ends.0, ends.1))
    case nil:
      return nil
    }
  }

  func isAffine(inUncertain uncertain: [Bool]) -> Bool {
    if case .affine = function { true } else { false }
  }

  private func affine(
    _ x: Value, factor: Float, _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm {
    if bounds.isCentered(x) {
      let interval = try bounds.centered(x, in: &graph)
      return IntervalForm(
        center: try graph.apply(self, interval.center),
        radius: try graph.scale(interval.radius, by: abs(factor)))
    }
    let interval = try bounds.interval(of: x, in: &graph)
    let ends = (try graph.apply(self, interval.lower), try graph.apply(self, interval.upper))
    return factor < 0
      ? IntervalForm(lower: ends.1, upper: ends.0) : IntervalForm(lower: ends.0, upper: ends.1)
  }

  /// The point of an interval that is nearest to a number t: t + relu(lower - t) - relu(t - upper).
  private func nearest(
    to t: Float, in interval: Interval, _ graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    let above = try graph.relu(try graph.affine(interval.lower, factor: 1, offset: -t))
    let below = try graph.relu(try graph.affine(interval.upper, factor: -1, offset: t))
    return try graph.affine(try graph.subtract(above, below), factor: 1, offset: t)
  }
}
