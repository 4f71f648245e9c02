package import Graphs
import Tensors

// Before differentiation, so that gradients profit, a network whose parameters never change is put together by
// `foldingNormalization` and `poolingFirst`, one in training by `trainingForm`; after it by the passes of the back end.
extension Graph {
  /// The graph of networks in the form of evaluation in that of training: batch normalisations use the statistics of the
  /// batch; see `normalizingBatches()`.
  ///
  /// - Returns: The graph, and what its normalisations measure.
  /// - Throws: As `normalizingBatches()`.
  package func trainingForm() throws(GraphError) -> (graph: Graph, statistics: [BatchStatistics]) {
    try pruned().poolingFirst().normalizingBatches()
  }

  /// Computes beforehand what depends on frozen parameters and constants alone, in double precision.
  package func foldingConstants(_ parameters: ParameterStore) -> Graph {
    // A misfit parameter is left for the planner to report.
    var known = KnownValues(self) { parameters.tensor($0) }
    var rewriter = GraphRewriter(self)
    for index in nodes.indices {
      let value = Value(index: index)
      if nodes[index].isOperation, let tensor = known[value] {
        rewriter.replace(value, by: .constant(tensor.converted()))
      } else {
        rewriter.copy(value)
      }
    }
    return rewriter.finish().pruned()
  }

  /// Replaces products with a ReLU's step by one operator.
  package func fusingReLUGradients() -> Graph {
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() {
      let value = Value(index: index)
      guard case .operation(let op, let operands, let extents) = node,
        op as? Arithmetic == Arithmetic(.multiply),
        let (dy, y) = steppedPair(operands)
      else {
        rewriter.copy(value)
        continue
      }
      rewriter.replace(
        value, by: ReLUGradient(), [rewriter.image(of: dy), rewriter.image(of: y)],
        extents: extents)
    }
    return rewriter.finish().pruned()
  }

  /// The cotangent and the stepped value of a product of which one factor is a step.
  private func steppedPair(_ operands: [Value]) -> (dy: Value, y: Value)? {
    for (step, other) in [(operands[1], operands[0]), (operands[0], operands[1])] {
      if case .operation(let op, let stepped, _) = self[step],
        op as? Elementwise == Elementwise(.step)
      {
        return (other, stepped[0])
      }
    }
    return nil
  }
}
