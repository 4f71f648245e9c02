public import Graphs
public import Tensors

extension Graph {
  /// The graph with what scales and shifts channels made part of the convolution or linear layer before it.
  ///
  /// Batch normalisations, products and sums with known values per channel, and products and sums with
  /// numbers, are linear in the layer's result; so where nothing else sees the values between, one new weight
  /// and bias do the same:
  ///
  ///     a (w * x + b) + c = (a w) * x + (a b + c).
  ///
  /// Never into the layer behind, whose padding is zeros after the normalisation. The new values are computed
  /// in double precision and rounded once. Whatever else depends on parameters alone becomes a parameter too.
  /// To be applied before differentiation, so that the gradient needs no
  /// step for the normalisation either, and all plans share the new parameters.
  ///
  /// - Parameter parameters: The parameters' values, which must not change any more.
  /// - Returns: The graph and a tensor for each of its parameters.
  public func foldingNormalization(
    _ parameters: [String: Tensor<Float>]
  ) -> (graph: Graph, parameters: [String: Tensor<Float>]) {
    var known = KnownValues(self) { parameters[$0] }
    let uses = useCounts
    var layers: [Int: FoldedLayer] = [:]
    var absorbed: Set<Int> = []
    for index in nodes.indices.reversed() where !absorbed.contains(index) {
      guard let layer = foldedLayer(endingAt: index, uses: uses, &known) else { continue }
      layers[index] = layer
      absorbed.formUnion(layer.inner)
    }
    var result = parameters
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() where !absorbed.contains(index) {
      let value = Value(index: index)
      func parameter(_ kind: String, _ tensor: Tensor<Double>) -> Value {
        var name = "folded(\(index)).\(kind)"
        while result[name] != nil { name += "'" }
        result[name] = tensor.converted()
        rewriter.replace(value, by: .parameter(name: name, shape: tensor.shape))
        return rewriter.image(of: value)
      }
      guard let layer = layers[index] else {
        if node.isOperation, node.extents.rank > 0, let tensor = known[value] {
          _ = parameter("value", tensor)
        } else {
          rewriter.copy(value)
        }
        continue
      }
      let weight = parameter("weight", layer.weight)
      let bias = parameter("bias", Tensor(layer.map.shift, shape: [layer.map.shift.count]))
      rewriter.replace(
        value, by: layer.op, [rewriter.image(of: layer.x), weight], extents: node.extents)
      let product = rewriter.image(of: value)
      rewriter.replace(
        value,
        by: Broadcast(to: node.extents, axes: (0..<node.extents.rank).filter { $0 != 1 }), [bias],
        extents: node.extents)
      rewriter.replace(
        value, by: Arithmetic(.add), [product, rewriter.image(of: value)], extents: node.extents)
    }
    let graph = rewriter.finish().pruned()
    let names = Set(graph.parameters.map(\.name))
    return (graph, result.filter { names.contains($0.key) })
  }

  /// A layer together with the channel maps behind it.
  private struct FoldedLayer {
    let op: any Operator
    let x: Value
    let weight: Tensor<Double>
    let map: ChannelMap
    /// The nodes that are no longer needed.
    let inner: [Int]
  }

  private func foldedLayer(
    endingAt end: Int, uses: [Int], _ known: inout KnownValues
  ) -> FoldedLayer? {
    guard var (source, map) = channelMap(Value(index: end), &known) else { return nil }
    var inner: [Int] = []
    while uses[source.index] == 1, let (next, earlier) = channelMap(source, &known) {
      inner.append(source.index)
      map = map.after(earlier)
      source = next
    }
    // A bias alone is where it belongs.
    guard map.scales, uses[source.index] == 1,
      case .operation(let op, let operands, _) = self[source], operands.count == 2,
      op is Convolution || isLinear(op, operands), var weight = known[operands[1]]
    else { return nil }
    inner.append(source.index)
    let size = weight.shape.droppingFirst.count
    for index in 0..<weight.count { weight[index] *= map.scale[index / size] }
    return FoldedLayer(op: op, x: operands[0], weight: weight, map: map, inner: inner)
  }

  private func isLinear(_ op: any Operator, _ operands: [Value]) -> Bool {
    op as? MatrixMultiply == MatrixMultiply(transposesRight: true)
      && operands.allSatisfy { self[$0].extents.rank == 2 }
  }

  /// The operand of a value that is a map of its channels, and the map.
  private func channelMap(
    _ value: Value, _ known: inout KnownValues
  ) -> (source: Value, map: ChannelMap)? {
    guard case .operation(let op, let operands, let extents) = self[value], extents.rank >= 2,
      extents[1] != Extents.batch, !known.isKnown(value)
    else { return nil }
    let count = extents[1]
    if let normalization = op as? BatchNormalization {
      guard let scale = known[operands[1]], let shift = known[operands[2]],
        let mean = known[operands[3]], let variance = known[operands[4]]
      else { return nil }
      let epsilon = Double(normalization.epsilon)
      let factor = (0..<count).map { scale[$0] / (variance[$0] + epsilon).squareRoot() }
      let offset = (0..<count).map { shift[$0] - mean[$0] * factor[$0] }
      return (operands[0], ChannelMap(scale: factor, shift: offset, scales: true))
    }
    if case .affine(let factor, let offset) = (op as? Elementwise)?.function {
      let map = ChannelMap(
        scale: .init(repeating: Double(factor), count: count),
        shift: .init(repeating: Double(offset), count: count), scales: factor != 1)
      return (operands[0], map)
    }
    guard let operation = (op as? Arithmetic)?.operation, [.add, .multiply].contains(operation)
    else { return nil }
    for (x, other) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      guard let vector = channelVector(other), let tensor = known[vector] else { continue }
      let map =
        if operation == .add {
          ChannelMap(
            scale: .init(repeating: 1, count: count), shift: tensor.scalars, scales: false)
        } else {
          ChannelMap(
            scale: tensor.scalars, shift: .init(repeating: 0, count: count), scales: true)
        }
      return (x, map)
    }
    return nil
  }

  /// The vector that a value repeats along all axes but that of the channels.
  func channelVector(_ value: Value) -> Value? {
    guard case .operation(let op, let operands, let extents) = self[value],
      let broadcast = op as? Broadcast, !broadcast.isMean,
      broadcast.axes == (0..<extents.rank).filter({ $0 != 1 })
    else { return nil }
    return operands[0]
  }
}

/// x -> scale * x + shift, channel by channel.
private struct ChannelMap {
  let scale: [Double]
  let shift: [Double]
  /// Whether it does more than add.
  let scales: Bool

  /// This map applied to the result of another.
  func after(_ other: ChannelMap) -> ChannelMap {
    ChannelMap(
      scale: zip(scale, other.scale).map { $0 * $1 },
      shift: scale.indices.map { scale[$0] * other.shift[$0] + shift[$0] },
      scales: scales || other.scales)
  }
}
