public import Graphs
import Tensors

// The regularisers of Shi et al., "Fast certified robust training with short warmup", 2021,
// https://arxiv.org/abs/2103.17268. They are weighted by a factor that fades while the radius grows. Means are over the
// whole batch, so that a plan must have no spare rows.

extension IntervalBounds {
  /// How much wider the intervals before ReLUs are than the input's: the mean over ReLUs of
  /// max(tolerance - r_0 / r, 0) / tolerance, with the mean radii r_0 of the sources and r of the ReLU's operand.
  ///
  /// - Parameters:
  ///   - tolerance: Up to which share of the width intervals may grow, as its inverse.
  ///   - graph: Where it is written.
  /// - Returns: A scalar; 0 without ReLUs.
  /// - Throws: Never for a value of the graph that the bounds were written into.
  public mutating func tightnessPenalty(
    tolerance: Float = 0.5, in graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    var first: Value?
    for source in sources {
      let radius = try graph.meanOfAll(try centered(source, in: &graph).radius)
      first = if let first { try graph.add(first, radius) } else { radius }
    }
    let operands = reluOperands(in: graph)
    guard let first, !operands.isEmpty else { return graph.constant(Tensor(0)) }
    let start = try graph.scale(first, by: 1 / Float(sources.count))
    var terms: [Value] = []
    for x in operands {
      let radius = try graph.meanOfAll(try centered(x, in: &graph).radius)
      let ratio = try graph.apply(Arithmetic(.divide), start, try graph.above(1e-12, radius))
      terms.append(try graph.shortfall(of: ratio, from: tolerance))
    }
    return try graph.mean(of: terms)
  }

  /// How unequal the surely active and the surely inactive ReLUs are: the mean over ReLUs of
  /// max(tolerance - q, 0) / tolerance for two quotients q of both sides, the smaller by the larger: of the sums of the
  /// centers, and of those of the squares of their distances to their mean.
  ///
  /// A quotient of a layer in which neither side has anything counts nothing.
  ///
  /// - Parameters:
  ///   - tolerance: Which quotient is enough.
  ///   - graph: Where it is written.
  /// - Returns: A scalar; 0 without ReLUs.
  /// - Throws: Never for a value of the graph that the bounds were written into.
  public mutating func balancePenalty(
    tolerance: Float = 0.5, in graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    var terms: [Value] = []
    for x in reluOperands(in: graph) {
      let interval = try interval(of: x, in: &graph)
      let center = try centered(x, in: &graph).center
      let extents = graph.extents(of: center)
      let mean = try graph.apply(
        Broadcast(to: extents, axes: Array(0..<extents.rank)), try graph.meanOfAll(center))
      let square = try graph.apply(Elementwise(.square), try graph.subtract(center, mean))
      let isActive = try graph.apply(Elementwise(.step), interval.lower)
      let isInactive = try graph.apply(
        Elementwise(.step), try graph.scale(interval.upper, by: -1))
      var penalties: [Value] = []
      for (values, sign) in [(center, Float(-1)), (square, 1)] {
        let active = try graph.meanOfAll(try graph.multiply(values, isActive))
        let inactive = try graph.scale(
          try graph.meanOfAll(try graph.multiply(values, isInactive)), by: sign)
        let smaller = try graph.apply(Arithmetic(.minimum), active, inactive)
        let larger = try graph.apply(Arithmetic(.maximum), active, inactive)
        let ratio = try graph.apply(
          Arithmetic(.divide), smaller, try graph.above(1e-12, larger))
        let counts = try graph.apply(Elementwise(.step), larger)
        penalties.append(
          try graph.multiply(counts, try graph.shortfall(of: ratio, from: tolerance)))
      }
      terms.append(try graph.add(penalties[0], penalties[1]))
    }
    return terms.isEmpty ? graph.constant(Tensor(0)) : try graph.mean(of: terms)
  }

  /// The operands of ReLUs that are uncertain, each once.
  private func reluOperands(in graph: GraphBuilder) -> [Value] {
    var operands: [Value] = []
    for value in values where !sources.contains(value) {
      if case .operation(let op, let x, _) = graph.nodes[value.index],
        op as? Elementwise == Elementwise(.relu), !operands.contains(x[0])
      {
        operands.append(x[0])
      }
    }
    return operands
  }
}

extension GraphBuilder {
  fileprivate mutating func meanOfAll(_ x: Value) throws(GraphError) -> Value {
    try mean(x, axes: Array(0..<extents(of: x).rank))
  }

  fileprivate mutating func mean(of terms: [Value]) throws(GraphError) -> Value {
    var sum = terms[0]
    for term in terms.dropFirst() { sum = try add(sum, term) }
    return try scale(sum, by: 1 / Float(terms.count))
  }

  fileprivate mutating func above(_ least: Float, _ x: Value) throws(GraphError) -> Value {
    try apply(Elementwise(.clip(lower: least, upper: .infinity)), x)
  }

  /// max(tolerance - ratio, 0) / tolerance.
  fileprivate mutating func shortfall(
    of ratio: Value, from tolerance: Float
  ) throws(GraphError) -> Value {
    try relu(try affine(ratio, factor: -1 / tolerance, offset: 1))
  }
}
