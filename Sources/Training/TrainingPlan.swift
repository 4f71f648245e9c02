import Engine
import Graphs
import Networks
import Tensors

/// A network compiled for training: one store of live parameters for the steps and for the adversary.
///
/// Its methods run on the engine thread.
final class TrainingPlan: @unchecked Sendable {
  // Touched on the engine thread only, but for constants.
  let compiled: CompiledNetwork
  private let plan: Plan
  private let shapes: [(name: String, shape: Shape)]
  private let rowCount: Int
  private let outputCount: Int

  private static let cotangent = "cotangent"

  /// What one step saw.
  struct Result: Sendable {
    let loss: Double
    let correct: Int
    let gradients: [String: Tensor<Float>]
  }

  init(
    _ network: Network, batch: Int, algorithms: Algorithms.Policy = .fastest
  ) throws {
    compiled = try CompiledNetwork(network, isFrozen: false, algorithms: algorithms)
    compiled.expect(rows: batch)
    let graph = try network.graph.poolingFirst().gradient(
      of: Network.outputName, cotangent: TrainingPlan.cotangent,
      withRespectTo: network.parameterNames)
    plan = try Plan(
      graph, batch: batch, parameters: compiled.parameters, lateInput: TrainingPlan.cotangent,
      algorithms: compiled.algorithms)
    shapes = network.graph.parameters.map { name, value in
      (name, network.graph[value].extents.shape(batch: batch))
    }
    rowCount = network.input.shape.count
    outputCount = network.outputCount
  }

  /// The mean cross-entropy's gradients over some rows; the rest of the batch counts nothing.
  func gradients(
    _ labels: [Int], fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> Result {
    guard let input = plan.input(Network.inputName), let scores = plan.output(Network.outputName),
      let cotangent = plan.input(TrainingPlan.cotangent)
    else { preconditionFailure("the training graph has input, scores and cotangent") }
    input.update(repeating: 0, count: plan.batch * rowCount)
    fill(UnsafeMutableBufferPointer(start: input, count: labels.count * rowCount))
    try plan.runUntilLateInput()

    cotangent.update(repeating: 0, count: plan.batch * outputCount)
    var loss = 0.0
    var correct = 0
    for (row, label) in labels.enumerated() {
      let logits = UnsafeBufferPointer(start: scores + row * outputCount, count: outputCount)
      let largest = logits.max() ?? 0
      let exponentials = logits.map { Double.exp(Double($0) - Double(largest)) }
      let sum = exponentials.reduce(0, +)
      loss += Double.log(sum) - (Double(logits[label]) - Double(largest))
      let isBest = logits.enumerated().allSatisfy { $0 == label || $1 < logits[label] }
      if isBest { correct += 1 }
      for (index, value) in exponentials.enumerated() {
        let target = index == label ? 1.0 : 0.0
        cotangent[row * outputCount + index] = Float((value / sum - target) / Double(labels.count))
      }
    }
    try plan.runFromLateInput()
    var gradients: [String: Tensor<Float>] = [:]
    for (name, shape) in shapes {
      guard let pointer = plan.output(Graph.gradientName(name)) else { continue }
      gradients[name] = Tensor(
        Array(UnsafeBufferPointer(start: pointer, count: shape.count)), shape: shape)
    }
    return Result(loss: loss, correct: correct, gradients: gradients)
  }

  /// Replaces the parameters.
  func update(_ parameters: [String: Tensor<Float>]) throws {
    for (name, tensor) in parameters { try compiled.parameters.update(name, to: tensor) }
  }
}
