import Graphs

/// A linear operator of one operand without negative weights: the same for ends as for center and radius.
protocol PositiveLinearOperator: IntervalOperator {}

extension PositiveLinearOperator {
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    if bounds.isCentered(operands[0]) {
      let interval = try bounds.centered(operands[0], in: &graph)
      return IntervalForm(
        center: try graph.apply(self, interval.center),
        radius: try graph.apply(self, interval.radius))
    }
    let interval = try bounds.interval(of: operands[0], in: &graph)
    return IntervalForm(
      lower: try graph.apply(self, interval.lower), upper: try graph.apply(self, interval.upper))
  }

  func isAffine(inUncertain uncertain: [Bool]) -> Bool { true }
}

extension Reshape: PositiveLinearOperator {}
extension Transpose: PositiveLinearOperator {}
extension Slice: PositiveLinearOperator {}
extension Gather: PositiveLinearOperator {}
extension Broadcast: PositiveLinearOperator {}
extension Expand: PositiveLinearOperator {}
extension Reduce: PositiveLinearOperator {}
extension AveragePool: PositiveLinearOperator {}
extension AveragePoolGradient: PositiveLinearOperator {}

extension Pad: IntervalOperator {
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    if bounds.isCentered(operands[0]) {
      let interval = try bounds.centered(operands[0], in: &graph)
      return IntervalForm(
        center: try graph.apply(self, interval.center),
        radius: try graph.apply(Pad(axis: axis, before: before, after: after), interval.radius))
    }
    let interval = try bounds.interval(of: operands[0], in: &graph)
    return IntervalForm(
      lower: try graph.apply(self, interval.lower), upper: try graph.apply(self, interval.upper))
  }

  func isAffine(inUncertain uncertain: [Bool]) -> Bool { true }
}

extension Concatenate: IntervalOperator {
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    if operands.contains(where: { bounds.isCentered($0) }) {
      var intervals: [CenteredInterval] = []
      for operand in operands { intervals.append(try bounds.centered(operand, in: &graph)) }
      return IntervalForm(
        center: try graph.apply(self, to: intervals.map(\.center)),
        radius: try graph.apply(self, to: intervals.map(\.radius)))
    }
    var intervals: [Interval] = []
    for operand in operands { intervals.append(try bounds.interval(of: operand, in: &graph)) }
    return IntervalForm(
      lower: try graph.apply(self, to: intervals.map(\.lower)),
      upper: try graph.apply(self, to: intervals.map(\.upper)))
  }

  func isAffine(inUncertain uncertain: [Bool]) -> Bool { true }
}
