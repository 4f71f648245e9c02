import Graphs

/// An operator of one operand that never falls where the operand rises.
protocol MonotoneOperator: IntervalOperator {}

extension MonotoneOperator {
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    let x = try bounds.interval(of: operands[0], in: &graph)
    return IntervalForm(
      lower: try graph.apply(self, x.lower), upper: try graph.apply(self, x.upper))
  }
}

extension MaxPool: MonotoneOperator {}
extension Extremum: MonotoneOperator {}
