public import Graphs

// Before differentiation, so that gradients profit, a network whose parameters never change is put together by
// `foldingNormalization` and `poolingFirst`, one in training by `trainingForm`; after it by the passes of the back end.
extension Graph {
  /// The graph of networks in the form of evaluation in that of training: batch normalisations use the statistics of the
  /// batch; see `normalizingBatches()`.
  ///
  /// - Parameter kept: The names of running means whose normalisations stay in the form of evaluation.
  /// - Returns: The graph, and what its normalisations measure.
  /// - Throws: As `normalizingBatches()`.
  package func trainingForm(
    keeping kept: Set<String> = []
  ) throws(GraphError) -> (graph: Graph, statistics: [BatchStatistics]) {
    // Before values that nothing needs are left out: bounds may need what a normalisation measures and not its result.
    let form = try normalizingBatches(keeping: kept)
    return (form.graph.poolingFirst(), form.statistics)
  }

  /// The graph with max pooling before ReLU where it followed ReLU: the same values, a quarter of the work.
  ///
  /// max(relu(a), relu(b)) = relu(max(a, b)), and both give the same gradient: where the largest value under
  /// a window is negative it is zero either way. To be applied before differentiation, so that ReLU's
  /// gradient runs on the pooled values too.
  public func poolingFirst() -> Graph {
    let uses = useCounts
    func pooledReLU(_ index: Int) -> (pooling: MaxPool, relu: Value, x: Value)? {
      guard case .operation(let op, let operands, _) = nodes[index], let pooling = op as? MaxPool,
        uses[operands[0].index] == 1,
        case .operation(let inner, let x, _) = self[operands[0]],
        inner as? Elementwise == Elementwise(.relu)
      else { return nil }
      return (pooling, operands[0], x[0])
    }
    let moved = Set(nodes.indices.compactMap { pooledReLU($0)?.relu.index })
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() where !moved.contains(index) {
      let value = Value(index: index)
      guard let (pooling, _, x) = pooledReLU(index) else {
        rewriter.copy(value)
        continue
      }
      rewriter.replace(value, by: pooling, [rewriter.image(of: x)], extents: node.extents)
      rewriter.replace(
        value, by: Elementwise(.relu), [rewriter.image(of: value)], extents: node.extents)
    }
    return rewriter.finish()
  }
}
