public import Engine
public import Graphs
import Tensors

/// A scalar loss compiled with its gradients: named inputs go in, the loss and its gradients with respect to parameters and
/// inputs come out.
///
/// The loss is an output of a graph with any number of inputs, such as examples, adversarial examples and labels, and of
/// networks that are applied as often as need be (`GraphBuilder.apply(_:to:prefix:)`). Their parameters may come from
/// several stores that are joined to one. Batch normalisations take the statistics of the batch. Its methods run on the
/// engine thread; what a run leaves is valid until the next one.
public final class LossPlan: @unchecked Sendable {
  /// What the batch normalisations measure, in the order of the graph.
  public let statistics: [BatchStatistics]

  // Touched on the engine thread only, but for constants.
  private let graph: Graph
  private let loss: String
  private let parameters: ParameterStore
  private let algorithms: Algorithms
  private let batch: Int?
  private let inputExtents: [String: Extents]
  private let labelNames: Set<String>
  private let usedNames: Set<String>
  private var plans: [Int: Plan] = [:]
  private var latest: Plan?

  /// Where the values of an input go: a row for each example, one after the other.
  public typealias Inputs = (_ name: String) -> UnsafeMutableBufferPointer<Float>

  /// A batch too small for a normalisation.
  public struct SmallBatch: Error, CustomStringConvertible {
    let size: Int
    let statistic: String

    /// One line that says how many examples it takes.
    public var description: String {
      "a batch of \(size) example has no variance, which \(statistic) needs; expected batches of 2 or more, the last"
        + " one too"
    }
  }

  /// Prepares a loss; plans are compiled when a number of examples first occurs.
  ///
  /// - Parameters:
  ///   - graph: A graph of networks in the form of evaluation, with inputs whose first axis is the batch.
  ///   - loss: The name of the output to differentiate, a scalar.
  ///   - names: The parameters and inputs to differentiate with respect to.
  ///   - parameters: The values of all parameters.
  ///   - batch: The examples of a plan that runs fewer as well, beside rows of zeros without a label: for losses to which
  ///     rows without a label add nothing. `nil` for plans of just as many examples as there are, which batch
  ///     normalisations, to which every row counts, have anyway.
  ///   - labels: The inputs that are classes of the examples, beside those that a cross-entropy of the graph takes.
  ///   - measured: What normalisations in training form, that the graph has already, measure in outputs of their own.
  ///   - kept: The running means whose normalisations stay in the form of evaluation.
  ///   - algorithms: Which algorithms compute the convolutions.
  /// - Throws: `GraphError`.
  public init(
    _ graph: Graph, loss: String, withRespectTo names: [String], parameters: ParameterStore,
    batch: Int? = nil, labels: Set<String> = [], measuring measured: [BatchStatistics] = [],
    keeping kept: Set<String> = [], algorithms: Algorithms = Algorithms(.exact)
  ) throws(GraphError) {
    let training = try graph.trainingForm(keeping: kept)
    statistics = measured + training.statistics
    self.graph = try training.graph.gradient(ofScalar: loss, withRespectTo: names)
    self.loss = loss
    self.parameters = parameters
    self.algorithms = algorithms
    self.batch = statistics.isEmpty ? batch : nil
    inputExtents = Dictionary(
      graph.inputs.map { ($0.name, graph[$0.value].extents) }, uniquingKeysWith: { $1 })
    labelNames = graph.labelNames.union(labels)
    usedNames = Set(self.graph.inputs.map(\.name))
  }

  /// Computes the loss of some examples and all gradients.
  ///
  /// - Parameters:
  ///   - count: The number of examples, at least 1.
  ///   - fill: Writes the examples' values of each input; of an input without the batch's axis its own values.
  /// - Returns: The loss times the number of examples for mean losses, which a cross-entropy adds in double precision.
  /// - Throws: `SmallBatch`, `EngineError`, and what `fill` throws.
  public func total(rows count: Int, fill: (Inputs) throws -> Void) throws -> Double {
    let plan = try plan(rows: count)
    latest = plan
    for (name, extents) in inputExtents where extents.isBatched {
      guard let input = plan.input(name) else { continue }
      let spare: Float = labelNames.contains(name) ? -1 : 0
      let size = extents.countPerExample
      (input + count * size).update(repeating: spare, count: (plan.batch - count) * size)
    }
    try fill { name in
      guard let extents = inputExtents[name], let input = plan.input(name) else {
        preconditionFailure("the loss depends on no input \(name)")
      }
      return UnsafeMutableBufferPointer(start: input, count: extents.shape(batch: count).count)
    }
    try plan.run()
    return plan.total(loss) ?? Double(output(loss)?.pointee ?? 0) * Double(count)
  }

  /// Whether the loss or its gradients depend on an input.
  public func uses(_ name: String) -> Bool { usedNames.contains(name) }

  /// An output of the graph in the last run, row-major; `nil` if there is none.
  public func output(_ name: String) -> UnsafePointer<Float>? { latest?.output(name) }

  /// The gradient with respect to a parameter or an input in the last run, row-major; `nil` if it was not asked for.
  public func gradient(_ name: String) -> UnsafePointer<Float>? {
    latest?.output(Graph.gradientName(name))
  }

  /// Moves the running statistics of batch normalisations toward those that the last run measured.
  ///
  /// running <- (1 - share) running + share measured, with the unbiased variance, as PyTorch's normalisations do.
  ///
  /// - Returns: Whether all of them are finite afterwards.
  /// - Throws: `EngineError`.
  public func followStatistics(share: Float = 0.1) throws(EngineError) -> Bool {
    guard let plan = latest else { return true }
    var isFinite = true
    for statistic in statistics {
      for (name, output, factor) in statistic.estimates(rows: plan.batch)
        as [(String, String, Float)]
      {
        guard let measured = plan.output(output),
          var running = parameters.tensor(name)
        else { preconditionFailure("the graph measures \(name)") }
        for index in 0..<running.count {
          running[index] = (1 - share) * running[index] + share * (measured[index] * factor)
        }
        isFinite = isFinite && running.scalars.allSatisfy(\.isFinite)
        try parameters.update(name, to: running)
      }
    }
    return isFinite
  }

  private func plan(rows count: Int) throws -> Plan {
    let size = max(count, batch ?? count)
    if let plan = plans[size] { return plan }
    if let small = statistics.first(where: { $0.countPerExample * size < 2 }) {
      throw SmallBatch(size: size, statistic: small.variance)
    }
    let plan = try Plan(graph, batch: size, parameters: parameters, algorithms: algorithms)
    plans[size] = plan
    return plan
  }
}

extension Graph {
  /// The inputs that are labels.
  fileprivate var labelNames: Set<String> {
    Set(
      nodes.compactMap { node in
        guard case .operation(let op, let operands, _) = node, op is CrossEntropy,
          case .input(let name, _) = self[operands[1]]
        else { return nil }
        return name
      })
  }
}
