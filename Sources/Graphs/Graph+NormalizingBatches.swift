/// What a batch normalisation measures in training: the mean and variance of each channel over a batch.
public struct BatchStatistics: Hashable, Sendable {
  /// The name of the running mean's parameter.
  public let mean: String
  /// The name of the running variance's parameter.
  public let variance: String
  /// The number of values of a channel in each example.
  public let countPerExample: Int
  /// Which of several uses of the network in one graph measures it, from 0.
  public private(set) var use = 0

  /// The output that holds the mean that this use measures.
  public var measuredMean: String { Graph.batchName(mean, use: use) }

  /// The output that holds the biased variance that this use measures.
  public var measuredVariance: String { Graph.batchName(variance, use: use) }

  /// The same statistic as another use of the network measures it.
  public func measured(inUse use: Int) -> BatchStatistics {
    var copy = self
    copy.use = use
    return copy
  }
}

extension Graph {
  /// The name of the output that holds what a batch says of a statistic.
  ///
  /// - Parameters:
  ///   - name: The name of a statistic.
  ///   - use: Which of several uses of a network in one graph says it, from 0.
  /// - Returns: The output's name.
  public static func batchName(_ name: String, use: Int = 0) -> String {
    use == 0 ? "batch(\(name))" : "batch(\(name), use \(use + 1))"
  }

  /// The graph in training form: batch normalisations use the statistics of the batch.
  ///
  /// Where mean and variance are parameters, the mean and the biased variance of the batch take their place,
  /// which gradients flow through, and are outputs, `Graph.batchName` of the parameters' names. What else is written
  /// with these parameters, behind the normalisation, has the batch's as well: so bounds of a network are those at its
  /// statistics. Every row counts, so a plan must have no spare rows.
  ///
  /// - Parameter kept: The names of running means whose normalisations stay as they are.
  /// - Returns: The graph, and what its normalisations measure, in the order of the graph.
  /// - Throws: `GraphError.duplicateName` if two normalisations share a statistic.
  public func normalizingBatches(
    keeping kept: Set<String> = []
  ) throws(GraphError) -> (graph: Graph, statistics: [BatchStatistics]) {
    var statistics: [BatchStatistics] = []
    var measured: [(name: String, value: Value)] = []
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() {
      let value = Value(index: index)
      guard case .operation(let op, let operands, let extents) = node,
        let normalization = op as? BatchNormalization,
        case .parameter(let mean, let shape) = self[operands[3]],
        case .parameter(let variance, _) = self[operands[4]], !kept.contains(mean)
      else {
        rewriter.copy(value)
        continue
      }
      for name in [mean, variance] where measured.contains(where: { $0.name == name }) {
        throw .duplicateName(name, kind: "output")
      }
      let axes = (0..<extents.rank).filter { $0 != 1 }
      let images = operands.map { rewriter.image(of: $0) }
      func add(_ op: any Operator, _ operands: [Value], _ extents: Extents) -> Value {
        rewriter.replace(value, by: op, operands, extents: extents)
        return rewriter.image(of: value)
      }
      let channels = Extents(shape)
      let standard = add(
        Standardize(axes: axes, epsilon: normalization.epsilon), [images[0]], extents)
      measured.append((mean, add(Reduce(axes: axes, isMean: true), [images[0]], channels)))
      measured.append((variance, add(Variance(axes: axes), [images[0]], channels)))
      for (operand, statistic) in zip(operands[3...], measured.suffix(2)) {
        rewriter.alias(operand, to: statistic.value)
      }
      let factor = add(Broadcast(to: extents, axes: axes), [images[1]], extents)
      let scaled = add(Arithmetic(.multiply), [standard, factor], extents)
      let offset = add(Broadcast(to: extents, axes: axes), [images[2]], extents)
      _ = add(Arithmetic(.add), [scaled, offset], extents)
      statistics.append(
        BatchStatistics(
          mean: mean, variance: variance,
          countPerExample: extents.countPerExample / extents[1]))
    }
    let graph = rewriter.finish()
    let outputs = graph.outputs + measured.map { (Graph.batchName($0.name), $0.value) }
    return (Graph(nodes: graph.nodes, outputs: outputs).pruned(), statistics)
  }
}

extension Graph {
  /// The names of parameters that are statistics: means and variances of batch normalisations.
  public var statisticNames: Set<String> {
    var names: Set<String> = []
    for case .operation(let op, let operands, _) in nodes where op is BatchNormalization {
      for operand in operands[3...] {
        if case .parameter(let name, _) = self[operand] { names.insert(name) }
      }
    }
    return names
  }
}
