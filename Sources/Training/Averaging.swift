import Engine
import Graphs
import Networks
import Optimizers
import Tensors

/// An average of the parameters that takes their place after each epoch, with statistics of its own.
///
/// Used on the engine thread only.
struct Averaging: @unchecked Sendable {
  private let average: WeightAverage
  private let statistics: StatisticsPlan
  private let store: ParameterStore

  /// Goes on with the average of a state.
  ///
  /// - Parameters:
  ///   - rule: How states are weighed.
  ///   - state: The network, and the average so far.
  ///   - trained: The parameters that are averaged.
  ///   - kept: The running means that stay as they are.
  ///   - evaluation: The network that is trained.
  /// - Throws: `WeightAverage.StateError`, `GraphError`.
  init(
    _ rule: WeightAverage.Rule, of state: TrainingState, trained: [String],
    keeping kept: Set<String>, in evaluation: CompiledNetwork
  ) throws {
    store = evaluation.parameters
    average = WeightAverage(rule, of: store, names: trained, statistics: [])
    try average.restore(state.average)
    statistics = try StatisticsPlan(
      state.network.graph.selecting(outputs: [Network.outputName]), input: Network.inputName,
      keeping: kept, parameters: store, algorithms: evaluation.algorithms)
  }

  /// What is kept of the average.
  var state: [String: Tensor<Float>] { average.state }

  /// Takes the parameters into an average of steps.
  func endStep(_ step: Int) {
    if case .exponential = average.rule { average.update(at: step) }
  }

  /// Takes the parameters into an average of epochs, once for each.
  func endEpoch(_ epoch: Int) {
    if case .equal(let first) = average.rule, average.count <= epoch - first {
      average.update(at: epoch)
    }
  }

  /// Puts the average in the place of the parameters, with statistics measured on some examples.
  ///
  /// - Returns: The statistics of the parameters themselves, for `bringBack`.
  /// - Throws: As `StatisticsPlan.measure`.
  func exchange(
    batches: [Int], fill: (Int, UnsafeMutablePointer<Float>) throws -> Void
  ) throws -> [String: Tensor<Float>] {
    var own: [String: Tensor<Float>] = [:]
    for name in statistics.statistics.flatMap({ [$0.mean, $0.variance] }) {
      own[name] = store.tensor(name)
    }
    average.exchange()
    do {
      try statistics.measure(batches: batches, fill: fill)
    } catch {
      try bringBack(own)
      throw error
    }
    return own
  }

  /// Undoes `exchange`.
  func bringBack(_ statistics: [String: Tensor<Float>]) throws {
    average.exchange()
    for (name, tensor) in statistics { try store.update(name, to: tensor) }
  }
}
