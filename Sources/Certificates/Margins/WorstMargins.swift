public import Graphs
import Tensors

extension IntervalBounds {
  /// Upper bounds of z_k - z_label for all classes k, 0 at the label itself: below zero everywhere means robust.
  ///
  /// Where the scores are one affine layer W h + b of an interval of h, with or without a bias, the layer is merged with the
  /// difference of classes: the bound is c_k - c_label + |w_k - w_label| r with the centers c of the scores and the
  /// radii r of h. Else it is upper_k - lower_label. The cross-entropy of these margins with the labels bounds that of the
  /// network from above.
  ///
  /// - Parameters:
  ///   - scores: The scores, N x K.
  ///   - labels: Numbers of classes, N; rows of another number, such as -1, have finite values without a meaning.
  ///   - graph: Where they are written.
  /// - Returns: N x K.
  /// - Throws: `GraphError.operands` if scores and labels do not fit.
  ///
  /// Cost: a product of N x I and I x K^2 for a last layer with I inputs.
  public mutating func worstMargins(
    scores: Value, labels: Value, in graph: inout GraphBuilder
  ) throws(GraphError) -> Value {
    let isLabel = try graph.oneHot(labels, like: scores)
    guard let layer = lastLayer(of: scores, in: graph) else {
      let interval = try interval(of: scores, in: &graph)
      let own = try graph.labelled(interval.lower, isLabel)
      let isOther = try graph.affine(isLabel, factor: -1, offset: 1)
      return try graph.multiply(isOther, try graph.subtract(interval.upper, own))
    }
    let center = try centered(scores, in: &graph).center
    let margins = try graph.subtract(center, try graph.labelled(center, isLabel))

    let classes = graph.extents(of: scores)[1]
    let weight =
      layer.isTransposed ? layer.weight : try graph.apply(Transpose([1, 0]), layer.weight)
    let inputs = graph.extents(of: weight)[1]
    let pairs: Extents = [classes, classes, inputs]
    let difference = try graph.subtract(
      try graph.apply(Broadcast(to: pairs, axes: [0]), weight),
      try graph.apply(Broadcast(to: pairs, axes: [1]), weight))
    let magnitudes = try graph.apply(
      Reshape(to: [classes * classes, inputs]), try graph.apply(Elementwise(.abs), difference))
    let radius = try centered(layer.input, in: &graph).radius
    let radii = try graph.apply(MatrixMultiply(transposesRight: true), radius, magnitudes)
    // Row y of each example's matrix has what all classes gain on class y.
    let matrices = try graph.apply(Reshape(to: [Extents.batch, classes, classes]), radii)
    let selection = try graph.apply(Reshape(to: [Extents.batch, 1, classes]), isLabel)
    let gains = try graph.apply(MatrixMultiply(), selection, matrices)
    return try graph.add(
      margins, try graph.apply(Reshape(to: [Extents.batch, classes]), gains))
  }

  /// The affine layer whose result some scores are.
  private struct LastLayer {
    let input: Value
    let weight: Value
    /// Whether the weight is K x I.
    let isTransposed: Bool
  }

  private func lastLayer(of scores: Value, in graph: GraphBuilder) -> LastLayer? {
    var value = scores
    while true {
      guard isUncertain(value), !sources.contains(value),
        case .operation(let op, let operands, _) = graph.nodes[value.index]
      else { return nil }
      if op as? Arithmetic == Arithmetic(.add) {
        guard let place = operands.firstIndex(where: { !isUncertain($0) }) else { return nil }
        value = operands[1 - place]
        continue
      }
      guard let product = op as? MatrixMultiply, !product.transposesLeft, !product.addsPairs,
        uncertain(operands) == [true, false],
        operands.allSatisfy({ graph.extents(of: $0).rank == 2 }),
        !graph.extents(of: operands[1]).isBatched
      else { return nil }
      return LastLayer(
        input: operands[0], weight: operands[1], isTransposed: product.transposesRight)
    }
  }
}

extension GraphBuilder {
  /// 1 where a score belongs to its row's label, else 0: N labels -> N x K.
  mutating func oneHot(_ labels: Value, like scores: Value) throws(GraphError) -> Value {
    let extents = extents(of: scores)
    guard extents.rank == 2, self.extents(of: labels) == [extents[0]] else {
      throw .operands(
        operator: "margins", expected: "rows of scores and a label for each",
        found: [extents, self.extents(of: labels)])
    }
    return try oneHot(labels, classes: extents[1])
  }

  /// What each row has at its label, repeated along the row; 0 in rows without a label.
  mutating func labelled(_ values: Value, _ isLabel: Value) throws(GraphError) -> Value {
    let own = try apply(Reduce(axes: [1]), try multiply(values, isLabel))
    return try apply(Broadcast(to: extents(of: values), axes: [1]), own)
  }
}
