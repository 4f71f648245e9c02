public import Datasets
import Engine
import Graphs
import Models
public import Networks
import Optimizers
import Synchronization
import Tensors

extension Network {
  /// The same network with the running statistics of its batch normalisations measured anew.
  ///
  /// For weights that they were not made with: averaged, pruned or put together by hand. Means and variances become the
  /// means over batches of what these measure, as PyTorch's `update_bn` has it; every other parameter stays.
  ///
  /// Cost: a forward pass for each example.
  ///
  /// - Parameters:
  ///   - data: The examples, such as those that the network was trained on; labels do not count.
  ///   - batch: The number of examples of each batch, at least 2; the last may be smaller.
  /// - Returns: The network.
  /// - Throws: `TrainingError.data` if it has no batch normalisation with running statistics, or the data are one example
  ///   or of another shape than its input; `GraphError`, `EngineError`, what reading the data throws, and `CancellationError`.
  public func measuringStatistics(on data: Dataset, batch: Int = 128) async throws -> Network {
    guard !statisticNames.isEmpty else {
      throw TrainingError.data(
        "\(architecture): has no batch normalisation with running statistics to be measured")
    }
    precondition(batch >= 2, "a variance needs two examples")
    guard data.count >= 2 else {
      throw TrainingError.data("\(data.name): has \(data.count) examples; expected 2 or more")
    }
    guard data.exampleShape == input.shape else {
      throw TrainingError.data(
        "\(data.name): examples are \(data.exampleShape), the network takes \(input.shape)")
    }
    let batches = (0..<data.count).batches(of: batch)
    let cancellation = Cancellation()
    let measured = try await withTaskCancellationHandler {
      try await EngineThread.shared.run {
        let store = ParameterStore(parameters, isFrozen: false)
        let plan = try StatisticsPlan(
          graph.selecting(outputs: [Network.outputName]), input: Network.inputName,
          parameters: store)
        try plan.measure(batches: batches.map(\.count)) { index, target in
          if cancellation.isAsked.withLock({ $0 }) { throw CancellationError() }
          try data.copyInputs(at: batches[index], to: target)
        }
        return parameters.reduce(into: parameters) { result, entry in
          if statisticNames.contains(entry.key) { result[entry.key] = store.tensor(entry.key) }
        }
      }
    } onCancel: {
      cancellation.isAsked.withLock { $0 = true }
    }
    var network = self
    try network.load(measured)
    return network
  }
}

extension Dataset {
  /// Copies the examples at some positions to where a plan reads them, which has room for as many.
  func copyInputs(
    at positions: Range<Int>, to target: UnsafeMutablePointer<Float>
  ) throws(DatasetError) {
    try copyInputs(
      at: positions,
      to: UnsafeMutableBufferPointer(start: target, count: positions.count * exampleShape.count))
  }
}

/// Whether a task was cancelled, as its work on the engine thread can see it.
private final class Cancellation: Sendable {
  let isAsked = Mutex(false)
}
