import Graphs

extension Arithmetic: IntervalOperator {
  func interval(
    of operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    switch operation {
    case .add: try sum(operands, &bounds, in: &graph)
    case .multiply: try product(operands, &bounds, in: &graph)
    case .divide: try quotient(operands, &bounds, in: &graph)
    case .maximum, .minimum: try extremum(operands, &bounds, in: &graph)
    case .power: nil
    }
  }

  func isAffine(inUncertain uncertain: [Bool]) -> Bool {
    switch operation {
    case .add: true
    case .multiply: uncertain[0] != uncertain[1]
    case .divide: !uncertain[1]
    case .maximum, .minimum, .power: false
    }
  }

  private func sum(
    _ operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm {
    guard operands.contains(where: { bounds.isCentered($0) }) else {
      return try extremum(operands, &bounds, in: &graph)
    }
    // An exact summand leaves the radius as it is.
    for (exact, other) in [(0, 1), (1, 0)] where !bounds.isUncertain(operands[exact]) {
      let interval = try bounds.centered(operands[other], in: &graph)
      return IntervalForm(
        center: try graph.add(interval.center, operands[exact]), radius: interval.radius)
    }
    let left = try bounds.centered(operands[0], in: &graph)
    let right = try bounds.centered(operands[1], in: &graph)
    return IntervalForm(
      center: try graph.add(left.center, right.center),
      radius: try graph.add(left.radius, right.radius))
  }

  private func product(
    _ operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm {
    for (exact, other) in [(0, 1), (1, 0)] where !bounds.isUncertain(operands[exact]) {
      let interval = try bounds.centered(operands[other], in: &graph)
      let magnitude = try bounds.magnitude(of: operands[exact], in: &graph)
      return IntervalForm(
        center: try graph.multiply(interval.center, operands[exact]),
        radius: try graph.multiply(interval.radius, magnitude))
    }
    let left = try bounds.interval(of: operands[0], in: &graph)
    let right = try bounds.interval(of: operands[1], in: &graph)
    // The extremes of a product stand at corners.
    var corners: [Value] = []
    for first in [left.lower, left.upper] {
      for second in [right.lower, right.upper] {
        corners.append(try graph.multiply(first, second))
      }
    }
    var (lower, upper) = (corners[0], corners[0])
    for corner in corners.dropFirst() {
      lower = try graph.apply(Arithmetic(.minimum), lower, corner)
      upper = try graph.apply(Arithmetic(.maximum), upper, corner)
    }
    return IntervalForm(lower: lower, upper: upper)
  }

  private func quotient(
    _ operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm? {
    if bounds.isUncertain(operands[1]) { return nil }
    let interval = try bounds.centered(operands[0], in: &graph)
    let magnitude = try bounds.magnitude(of: operands[1], in: &graph)
    return IntervalForm(
      center: try graph.apply(self, interval.center, operands[1]),
      radius: try graph.apply(self, interval.radius, magnitude))
  }

  /// The ends of an operation that falls in neither operand.
  private func extremum(
    _ operands: [Value], _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> IntervalForm {
    let left = try bounds.interval(of: operands[0], in: &graph)
    let right = try bounds.interval(of: operands[1], in: &graph)
    return IntervalForm(
      lower: try graph.apply(self, left.lower, right.lower),
      upper: try graph.apply(self, left.upper, right.upper))
  }
}
