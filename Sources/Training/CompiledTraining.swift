import Engine
import Graphs
import Networks
import Optimizers
import Tensors

/// A network compiled for training: one store of live parameters for the steps and for the adversary.
///
/// Steps run the network in training form, whose normalisations use the batch's statistics; the adversary and
/// the validation run it in the form of evaluation. Its methods run on the engine thread.
final class CompiledTraining: @unchecked Sendable {
  /// The network in the form of evaluation.
  let evaluation: CompiledNetwork

  // Touched on the engine thread only, but for constants.
  private let loss: LossPlan
  private let descent: Descent
  private let parameterNames: [String]

  private static let labels = "labels"
  private static let lossName = "loss"

  /// What one step saw.
  struct Step: Sendable {
    /// The sum of the examples' losses.
    let loss: Double
    /// The number of examples whose label has the largest score, without ties.
    let correct: Int
    /// Whether all parameters are finite after the step.
    let isFinite: Bool
  }

  init(
    _ network: Network, optimizer: any Optimizer, batch: Int,
    algorithms: Algorithms.Policy = .fastest
  ) throws {
    evaluation = try CompiledNetwork(network, isFrozen: false, algorithms: algorithms)
    evaluation.expect(rows: batch)
    loss = try LossPlan(
      network.meanCrossEntropy(labels: CompiledTraining.labels, loss: CompiledTraining.lossName),
      loss: CompiledTraining.lossName, withRespectTo: network.trainedNames,
      parameters: evaluation.parameters, batch: batch, algorithms: evaluation.algorithms)
    descent = Descent(optimizer, store: evaluation.parameters, names: network.trainedNames)
    parameterNames = network.parameterNames
  }

  /// Descends on the mean cross-entropy of some examples, and moves the running statistics toward theirs.
  ///
  /// - Parameters:
  ///   - labels: The examples' labels.
  ///   - rate: The learning rate.
  ///   - taken: The number of steps taken before.
  ///   - fill: Writes the examples one after the other.
  /// - Returns: What the network made of the examples before the step.
  /// - Throws: `LossPlan.SmallBatch`, `EngineError`, and what `fill` throws.
  func step(
    _ labels: [Int], rate: Double, taken: Int,
    fill: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) throws -> Step {
    let sum = try loss.total(rows: labels.count) { input in
      try fill(input(Network.inputName))
      _ = input(CompiledTraining.labels).update(fromContentsOf: labels.map { Float($0) })
    }
    let correct = correctCount(labels)
    let areParametersFinite = descent.step(
      along: { loss.gradient($0) }, rate: rate, step: taken)
    let areStatisticsFinite = try loss.followStatistics()
    return Step(
      loss: sum, correct: correct, isFinite: areParametersFinite && areStatisticsFinite)
  }

  private func correctCount(_ labels: [Int]) -> Int {
    guard let scores = loss.output(Network.outputName) else { return 0 }
    let width = evaluation.outputCount
    return labels.enumerated().count { row, label in
      let scores = scores + row * width
      return (0..<width).allSatisfy { $0 == label || scores[$0] < scores[label] }
    }
  }

  /// What training has come to: all parameters, and the optimiser with its memory.
  func outcome(
    after steps: Int
  ) -> (parameters: [String: Tensor<Float>], optimizer: any Optimizer) {
    var parameters: [String: Tensor<Float>] = [:]
    for name in parameterNames { parameters[name] = evaluation.parameters.tensor(name) }
    return (parameters, descent.remembered(after: steps))
  }
}

extension Network {
  /// The network's scores and, as an output of its own, their mean cross-entropy with labels.
  fileprivate func meanCrossEntropy(labels: String, loss: String) throws(GraphError) -> Graph {
    var builder = GraphBuilder(continuing: try graph.selecting(outputs: [Network.outputName]))
    let scores = try builder.finish().output(Network.outputName)
    let labels = builder.input(labels, [Extents.batch])
    builder.output(loss, try builder.apply(CrossEntropy(), scores, labels))
    return builder.finish()
  }
}
