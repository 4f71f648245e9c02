public import Engine
public import Graphs
import Tensors

/// Measures the statistics of a network's batch normalisations anew, for parameters that were not reached by training, such as
/// averages.
///
/// Each batch is put through the network in training form; running means and variances become the means over the batches of
/// what they measure, with unbiased variances, as PyTorch's `update_bn` has it. Used on the engine thread only.
///
/// Cost: a forward pass for each example.
public final class StatisticsPlan {
  /// What is measured.
  public let statistics: [BatchStatistics]

  private let graph: Graph
  private let input: String
  private let parameters: ParameterStore
  private let algorithms: Algorithms
  private var plans: [Int: Plan] = [:]

  /// Prepares a network; plans are compiled when a number of examples first occurs.
  ///
  /// - Parameters:
  ///   - graph: The network in the form of evaluation.
  ///   - input: The name of its input, whose first axis is the batch.
  ///   - kept: The running means that stay as they are.
  ///   - parameters: The live parameters.
  ///   - algorithms: Which algorithms compute the convolutions.
  /// - Throws: `GraphError`.
  public init(
    _ graph: Graph, input: String, keeping kept: Set<String> = [], parameters: ParameterStore,
    algorithms: Algorithms = Algorithms(.exact)
  ) throws(GraphError) {
    let form = try graph.trainingForm(keeping: kept)
    statistics = form.statistics
    self.graph = try form.graph.selecting(
      outputs: form.statistics.flatMap { [$0.measuredMean, $0.measuredVariance] })
    self.input = input
    self.parameters = parameters
    self.algorithms = algorithms
  }

  /// Measures.
  ///
  /// - Parameters:
  ///   - batches: The number of examples of each batch; those too small for a variance are left out.
  ///   - fill: Writes the examples of a batch, one after the other.
  /// - Throws: `EngineError`, and what `fill` throws.
  public func measure(
    batches: [Int], fill: (_ batch: Int, UnsafeMutablePointer<Float>) throws -> Void
  ) throws {
    if statistics.isEmpty { return }
    var sums: [String: [Double]] = [:]
    var count = 0.0
    for (index, size) in batches.enumerated()
    where statistics.allSatisfy({ $0.countPerExample * size >= 2 }) {
      let plan =
        try plans[size] ?? Plan(graph, batch: size, parameters: parameters, algorithms: algorithms)
      plans[size] = plan
      guard let target = plan.input(input) else {
        preconditionFailure("statistics depend on the input \(input)")
      }
      try fill(index, target)
      try plan.run()
      count += 1
      for statistic in statistics {
        for (name, output, factor) in statistic.estimates(rows: size) as [(String, String, Double)]
        {
          guard let measured = plan.output(output), let shape = parameters.shape(of: name) else {
            preconditionFailure("the graph measures \(name)")
          }
          var sum = sums[name] ?? [Double](repeating: 0, count: shape.count)
          for place in 0..<shape.count { sum[place] += Double(measured[place]) * factor }
          sums[name] = sum
        }
      }
    }
    for (name, sum) in sums {
      guard let shape = parameters.shape(of: name) else { continue }
      try parameters.update(name, to: Tensor(sum.map { Float($0 / count) }, shape: shape))
    }
  }
}
