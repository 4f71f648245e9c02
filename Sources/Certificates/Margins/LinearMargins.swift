public import Graphs
import Tensors

/// The slope of the line below a ReLU whose operand may be of either sign.
public enum LowerSlope: Hashable, Sendable, CaseIterable {
  /// 1 where the operand may go farther up than down, else 0: the line with the smaller area.
  case adaptive
  /// 0 everywhere, which is the better one for networks trained on interval bounds.
  case zero
}

extension IntervalBounds {
  /// Upper bounds of z_k - z_label by linear functions of the input, 0 at the label itself: CROWN with the intervals as
  /// bounds of what is between (CROWN-IBP).
  ///
  /// From the scores backward each margin stays below a linear function of one layer after the other. Affine layers,
  /// normalisations among them, are carried through exactly; an unstable ReLU stays below the line through its ends
  /// and above a line through zero. What else there is, such as max pooling, counts with its interval. Without a ReLU the
  /// bound of each margin is exact.
  ///
  /// Zhang et al., "Towards stable and efficient training of verifiably robust neural networks", 2020,
  /// https://arxiv.org/abs/1906.06316.
  ///
  /// - Parameters:
  ///   - scores: The scores, N x K.
  ///   - labels: Numbers of classes, N; rows of another number, such as -1, have finite values without a meaning.
  ///   - lowerSlope: The lower line of unstable ReLUs.
  ///   - graph: Where they are written.
  /// - Returns: N x K.
  /// - Throws: `GraphError.operands` if scores and labels do not fit.
  ///
  /// Cost: a backward pass for each class.
  public mutating func linearMargins(
    scores: Value, labels: Value, lowerSlope: LowerSlope = .adaptive, in graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    let isLabel = try graph.oneHot(labels, like: scores)
    let center = try centered(scores, in: &graph).center
    let margins = try graph.subtract(center, try graph.labelled(center, isLabel))
    guard isUncertain(scores) else { return margins }
    let extents = graph.extents(of: scores)
    var relaxation = Relaxation(lowerSlope: lowerSlope)
    var gains: [Value] = []
    for k in 0..<extents[1] {
      let own = graph.constant(
        Tensor((0..<extents[1]).map { $0 == k ? 1 : 0 }, shape: [extents[1]]))
      let coefficients = try graph.subtract(
        try graph.apply(Broadcast(to: extents, axes: [0]), own), isLabel)
      let gain = try relaxation.gain(of: coefficients, at: scores, &self, in: &graph)
      gains.append(try graph.apply(Reshape(to: [Extents.batch, 1]), gain))
    }
    return try graph.add(margins, try graph.apply(Concatenate(axis: 1), to: gains))
  }
}

/// Linear functions in place of ReLUs, shared by all margins.
private struct Relaxation {
  let lowerSlope: LowerSlope
  private var lines: [Value: Lines] = [:]

  init(lowerSlope: LowerSlope) { self.lowerSlope = lowerSlope }

  /// The lines around the ReLU of an operand within [l, u].
  ///
  /// The upper one has the slope u+ / (u+ - l-) and goes through the center of the ReLU's interval at that of its
  /// operand's, with u+ = max(u, 0) and l- = min(l, 0).
  private struct Lines {
    let upperSlope: Value
    let lowerSlope: Value
    /// How far the lower line is above the center of the ReLU's interval there: nowhere positive.
    let lowerOffset: Value
  }

  /// How much a linear function of a value can be above what it is at the center of the value's interval.
  ///
  /// - Parameters:
  ///   - coefficients: The function's coefficients for each example, in the extents of the value.
  ///   - target: The value.
  ///   - bounds: The intervals of what is before it.
  ///   - graph: Where it is written.
  /// - Returns: N.
  /// - Throws: `GraphError` if an operator was given what it is not defined for.
  mutating func gain(
    of coefficients: Value, at target: Value, _ bounds: inout IntervalBounds,
    in graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    var pending = [target: coefficients]
    var gain: Value?
    func add(_ terms: Value, in graph: inout GraphBuilder) throws(GraphError) {
      let axes = Array(1..<graph.extents(of: terms).rank)
      let sum = axes.isEmpty ? terms : try graph.apply(Reduce(axes: axes), terms)
      gain = if let gain { try graph.add(gain, sum) } else { sum }
    }
    for value in bounds.values.reversed() {
      guard let factor = pending.removeValue(forKey: value) else { continue }
      var carried: [(operand: Value, factor: Value)] = []
      if let (op, operands) = operation(of: value, bounds, in: graph) {
        if let relu = op as? Elementwise, relu.function == .relu {
          let lines = try lines(of: operands[0], &bounds, in: &graph)
          let above = try graph.relu(factor)
          let below = try graph.subtract(factor, above)
          try add(try graph.multiply(below, lines.lowerOffset), in: &graph)
          carried = [
            (
              operands[0],
              try graph.add(
                try graph.multiply(above, lines.upperSlope),
                try graph.multiply(below, lines.lowerSlope))
            )
          ]
        } else if let standardize = op as? Standardize {
          let inverse = try standardize.inverseDeviation(of: operands[0], in: &graph)
          carried = [(operands[0], try graph.multiply(factor, inverse))]
        } else {
          let uncertain = bounds.uncertain(operands)
          let application = Application(
            operands: operands, result: value, cotangent: factor, wanted: uncertain)
          let gradients = try op.gradients(application, in: &graph)
          for (place, operand) in operands.enumerated() where uncertain[place] {
            if let gradient = gradients[place] { carried.append((operand, gradient)) }
          }
        }
      } else {
        let magnitude = try graph.apply(Elementwise(.abs), factor)
        let radius = try bounds.centered(value, in: &graph).radius
        try add(try graph.multiply(magnitude, radius), in: &graph)
      }
      for (operand, factor) in carried {
        pending[operand] =
          if let sum = pending[operand] { try graph.add(sum, factor) } else { factor }
      }
    }
    guard let gain else { preconditionFailure("the margins depend on no source") }
    return gain
  }

  /// The operator that made a value, if linear functions of the value can be carried to its operands.
  private func operation(
    of value: Value, _ bounds: IntervalBounds, in graph: GraphBuilder
  ) -> (op: any Operator, operands: [Value])? {
    guard !bounds.sources.contains(value),
      case .operation(let op, let operands, let extents) = graph.nodes[value.index],
      // What examples share cannot be told apart any more.
      extents.isBatched,
      operands.allSatisfy({ !bounds.isUncertain($0) || graph.extents(of: $0).isBatched })
    else { return nil }
    if op as? Elementwise == Elementwise(.relu) || op is Standardize { return (op, operands) }
    guard let affine = op as? any IntervalOperator,
      affine.isAffine(inUncertain: bounds.uncertain(operands))
    else { return nil }
    return (op, operands)
  }

  private mutating func lines(
    of x: Value, _ bounds: inout IntervalBounds, in graph: inout GraphBuilder
  ) throws(GraphError) -> Lines {
    if let known = lines[x] { return known }
    let interval = try bounds.interval(of: x, in: &graph)
    let above = try graph.relu(interval.upper)
    let below = try graph.relu(try graph.scale(interval.lower, by: -1))
    // Zero in zero where the interval is the number zero.
    let width = try graph.apply(
      Elementwise(.clip(lower: .leastNormalMagnitude, upper: .infinity)),
      try graph.add(above, below))
    let isRising =
      switch lowerSlope {
      case .adaptive: try graph.apply(Comparison(.greater), above, below)
      case .zero:
        try graph.affine(
          try graph.apply(Elementwise(.step), below), factor: -1, offset: 1)
      }
    let rising = try graph.multiply(isRising, below)
    let flat = try graph.multiply(try graph.affine(isRising, factor: -1, offset: 1), above)
    let result = Lines(
      upperSlope: try graph.apply(Arithmetic(.divide), above, width), lowerSlope: isRising,
      lowerOffset: try graph.scale(try graph.add(rising, flat), by: -0.5))
    lines[x] = result
    return result
  }
}
