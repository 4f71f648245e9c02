import Engine
import Graphs
import Networks
import Tensors

/// A network compiled for training: one store of live parameters for the steps and for the adversary.
///
/// Steps run the network in training form, whose normalisations use the batch's statistics; the adversary and
/// the validation run it in the form of evaluation. Its methods run on the engine thread.
final class TrainingPlan: @unchecked Sendable {
  // Touched on the engine thread only, but for constants.
  let compiled: CompiledNetwork
  private let graph: Graph
  private let statistics: [BatchStatistics]
  private let batch: Int
  private var plans: [Int: Plan] = [:]
  private let descent: Descent
  private let names: [String]
  private let rowCount: Int
  private let outputCount: Int

  private static let cotangent = "cotangent"

  /// What one step saw.
  struct Result: Sendable {
    let loss: Double
    let correct: Int
    /// Mean and unbiased variance per channel, by the names of the running statistics.
    let statistics: [String: Tensor<Float>]
  }

  init(
    _ network: Network, optimizer: any Optimizer, batch: Int,
    algorithms: Algorithms.Policy = .fastest
  ) throws {
    compiled = try CompiledNetwork(network, isFrozen: false, algorithms: algorithms)
    compiled.expect(rows: batch)
    let training = try network.graph.selecting(outputs: [Network.outputName]).poolingFirst()
      .normalizingBatches()
    statistics = training.statistics
    graph = try training.graph.gradient(
      of: Network.outputName, cotangent: TrainingPlan.cotangent,
      withRespectTo: network.trainedNames)
    self.batch = batch
    descent = Descent(optimizer, store: compiled.parameters, names: network.trainedNames)
    names = network.parameterNames
    rowCount = network.input.shape.count
    outputCount = network.outputCount
  }

  /// The plan for a number of rows, without spare ones where they would count in statistics.
  private func plan(rows count: Int) throws -> Plan {
    let size = statistics.isEmpty ? batch : count
    if let plan = plans[size] { return plan }
    if let small = statistics.first(where: { $0.countPerExample * size < 2 }) {
      throw TrainingError.data(
        "a batch of \(size) example has no variance, which \(small.variance) needs; "
          + "expected batches, and a last one, of 2 or more")
    }
    let plan = try Plan(
      graph, batch: size, parameters: compiled.parameters, lateInput: TrainingPlan.cotangent,
      algorithms: compiled.algorithms)
    plans[size] = plan
    return plan
  }

  /// The mean cross-entropy's gradients over some rows; the rest of the batch counts nothing.
  func gradients(
    _ labels: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws -> Result {
    let plan = try plan(rows: labels.count)
    guard let input = plan.input(Network.inputName), let scores = plan.output(Network.outputName),
      let cotangent = plan.input(TrainingPlan.cotangent)
    else { preconditionFailure("the training graph has input, scores and cotangent") }
    input.update(repeating: 0, count: plan.batch * rowCount)
    try fill(UnsafeMutableBufferPointer(start: input, count: labels.count * rowCount))
    try plan.runUntilLateInput()

    cotangent.update(repeating: 0, count: plan.batch * outputCount)
    var loss = 0.0
    var correct = 0
    for (row, label) in labels.enumerated() {
      let logits = UnsafeBufferPointer(start: scores + row * outputCount, count: outputCount)
      let softmax = LogSumExp(logits.map(Double.init))
      loss += Double.log(softmax.sum) - (Double(logits[label]) - softmax.largest)
      let isBest = logits.enumerated().allSatisfy { $0 == label || $1 < logits[label] }
      if isBest { correct += 1 }
      for (index, probability) in softmax.probabilities.enumerated() {
        let target = index == label ? 1.0 : 0.0
        cotangent[row * outputCount + index] = Float((probability - target) / Double(labels.count))
      }
    }
    let measured = measurements(of: plan)
    try plan.runFromLateInput()
    return Result(loss: loss, correct: correct, statistics: measured)
  }

  /// What the forward pass of a plan measured.
  private func measurements(of plan: Plan) -> [String: Tensor<Float>] {
    var measured: [String: Tensor<Float>] = [:]
    for statistic in statistics {
      let count = Float(statistic.countPerExample * plan.batch)
      for (name, factor) in [(statistic.mean, 1), (statistic.variance, count / (count - 1))] {
        guard let pointer = plan.output(Graph.batchName(name)),
          let shape = compiled.parameters.tensor(name)?.shape
        else { preconditionFailure("the training graph measures \(name)") }
        let values = UnsafeBufferPointer(start: pointer, count: shape.count)
        measured[name] = Tensor(values.map { $0 * factor }, shape: shape)
      }
    }
    return measured
  }

  /// Moves the parameters along the gradients of the last run on so many rows, and the running statistics
  /// toward what it measured.
  ///
  /// - Returns: Whether everything is finite afterwards.
  func descend(_ result: Result, rows count: Int, rate: Double, step: Int) throws -> Bool {
    let plan = try plan(rows: count)
    var isFinite = descent.step(
      along: { plan.output(Graph.gradientName($0)) }, rate: rate, step: step)
    for (name, measured) in result.statistics {
      guard let running = compiled.parameters.tensor(name) else { continue }
      let moved = running.zip(measured) {
        (1 - Trainer.momentum) * $0 + Trainer.momentum * $1
      }
      isFinite = isFinite && moved.scalars.allSatisfy(\.isFinite)
      try compiled.parameters.update(name, to: moved)
    }
    return isFinite
  }

  /// What training has come to: all parameters, and the optimiser with its memory.
  func outcome(
    after steps: Int
  ) -> (parameters: [String: Tensor<Float>], optimizer: any Optimizer) {
    var parameters: [String: Tensor<Float>] = [:]
    for name in names { parameters[name] = compiled.parameters.tensor(name) }
    return (parameters, descent.remembered(after: steps))
  }
}
