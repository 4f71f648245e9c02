public import Graphs

/// Intervals of the values of a graph, written beside them: interval bound propagation.
///
/// An affine layer is two products, W c of the centers and |W| r of the radii; a function that never falls is applied to
/// both ends. Every other value has the ends or the center and radius that its rule wrote, and gets the other form when it
/// is first asked for. All of it consists of the graph's operators, so the engine runs and differentiates it like any loss.
/// In floating point the ends are rounded like all values; what must surely hold is for `VerifiedBounds`.
///
/// Gowal et al., "On the effectiveness of interval bound propagation for training verifiably robust models", 2018,
/// https://arxiv.org/abs/1810.12715. Cost: about two passes of the network.
public struct IntervalBounds: Sendable {
  /// The values that are known to an interval only, in the order of the graph; the sources among them.
  public private(set) var values: [Value] = []
  /// The values whose intervals were given, in the order of the graph.
  public private(set) var sources: [Value] = []

  private var forms: [Value: IntervalForm] = [:]
  private var magnitudes: [Value: Value] = [:]

  /// Whether a value is known to an interval only; the others are exact.
  public func isUncertain(_ value: Value) -> Bool { forms[value] != nil }

  /// The interval of a value; that of an exact one has two equal ends.
  ///
  /// - Throws: Never for a value of the graph that the bounds were written into.
  public mutating func interval(
    of value: Value, in graph: inout GraphBuilder
  ) throws(GraphError) -> Interval {
    guard let form = forms[value] else { return Interval(lower: value, upper: value) }
    if let ends = form.ends { return ends }
    guard let centered = form.centered else { preconditionFailure("an interval without a form") }
    let ends = Interval(
      lower: try graph.subtract(centered.center, centered.radius),
      upper: try graph.add(centered.center, centered.radius))
    forms[value]?.ends = ends
    return ends
  }

  /// The center and radius of a value; the radius of an exact one is zero.
  ///
  /// - Throws: Never for a value of the graph that the bounds were written into.
  public mutating func centered(
    _ value: Value, in graph: inout GraphBuilder
  ) throws(GraphError) -> CenteredInterval {
    guard let form = forms[value] else {
      return CenteredInterval(center: value, radius: try graph.scale(value, by: 0))
    }
    if let centered = form.centered { return centered }
    guard let ends = form.ends else { preconditionFailure("an interval without a form") }
    let centered = CenteredInterval(
      center: try graph.scale(try graph.add(ends.lower, ends.upper), by: 0.5),
      radius: try graph.scale(try graph.subtract(ends.upper, ends.lower), by: 0.5))
    forms[value]?.centered = centered
    return centered
  }

  /// Whether a value has its center and radius already.
  func isCentered(_ value: Value) -> Bool { forms[value]?.centered != nil }

  /// The magnitude of an exact value, written once.
  mutating func magnitude(
    of value: Value, in graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    if let known = magnitudes[value] { return known }
    let magnitude = try graph.apply(Elementwise(.abs), value)
    magnitudes[value] = magnitude
    return magnitude
  }

  /// Writes the intervals of all values between sources and targets.
  init(
    of targets: [Value], over sources: [Value: Interval], in graph: inout GraphBuilder
  ) throws(BoundError) {
    for (value, interval) in sources {
      let extents = graph.extents(of: value)
      let ends = [graph.extents(of: interval.lower), graph.extents(of: interval.upper)]
      guard ends == [extents, extents] else {
        throw .graph(
          .operands(operator: "interval", expected: "two ends of \(extents)", found: ends))
      }
    }
    for value in graph.values(between: Array(sources.keys), and: targets) {
      if let interval = sources[value] {
        self.sources.append(value)
        forms[value] = IntervalForm(interval)
      } else {
        forms[value] = try form(of: value, in: &graph)
      }
      values.append(value)
    }
  }

  private mutating func form(
    of value: Value, in graph: inout GraphBuilder
  ) throws(BoundError) -> IntervalForm {
    guard case .operation(let op, let operands, _) = graph.nodes[value.index] else {
      preconditionFailure("only operators depend on others")
    }
    let form: IntervalForm? = try BoundError.writing { () throws(GraphError) -> IntervalForm? in
      try (op as? any IntervalOperator)?.interval(of: operands, &self, in: &graph)
    }
    guard let form else {
      throw .unsupported(
        operator: op.name, uncertainOperands: operands.count { isUncertain($0) })
    }
    return form
  }
}

/// An interval as a rule writes it: its ends, or its center and radius; both once both were asked for.
struct IntervalForm: Sendable {
  var ends: Interval?
  var centered: CenteredInterval?

  init(_ ends: Interval) { self.ends = ends }

  init(_ centered: CenteredInterval) { self.centered = centered }

  init(lower: Value, upper: Value) { ends = Interval(lower: lower, upper: upper) }

  init(center: Value, radius: Value) {
    centered = CenteredInterval(center: center, radius: radius)
  }
}

extension GraphBuilder {
  /// Writes intervals of the values that depend on some of which intervals are known.
  ///
  /// Batch normalisations whose statistics are parameters have those of the clean examples where the graph gets the form of
  /// training (`Graph.normalizingBatches()`).
  ///
  /// - Parameters:
  ///   - targets: Values whose intervals are wanted; those of all values on the way are written as well.
  ///   - sources: Intervals of values, such as a box around the input.
  /// - Returns: The intervals.
  /// - Throws: `BoundError.unsupported` for an operator without a rule, `BoundError.graph` for ends of other extents.
  public mutating func intervalBounds(
    of targets: [Value], over sources: [Value: Interval]
  ) throws(BoundError) -> IntervalBounds {
    try IntervalBounds(of: targets, over: sources, in: &self)
  }

  /// The values that depend on sources and that targets depend on, both included, in order; the search ends at sources.
  func values(between sources: [Value], and targets: [Value]) -> [Value] {
    var depends = [Bool](repeating: false, count: nodes.count)
    for source in sources { depends[source.index] = true }
    for (index, node) in nodes.enumerated() where !depends[index] {
      depends[index] = node.operands.contains { depends[$0.index] }
    }
    let given = Set(sources)
    var needed = [Bool](repeating: false, count: nodes.count)
    for target in targets { needed[target.index] = true }
    for index in nodes.indices.reversed() where needed[index] {
      if given.contains(Value(index: index)) { continue }
      for operand in nodes[index].operands { needed[operand.index] = true }
    }
    return nodes.indices.filter { depends[$0] && needed[$0] }.map { Value(index: $0) }
  }
}
