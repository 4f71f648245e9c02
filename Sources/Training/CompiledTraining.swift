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
  /// What takes the place of the parameters after an epoch; `nil` where they do.
  let averaging: Averaging?

  // Touched on the engine thread only, but for constants.
  private let loss: LossPlan
  private let descent: Descent
  private let parameterNames: [String]
  private let observed: String?
  private let perturbation: WeightPerturbation?

  /// What one step saw.
  struct Step: Sendable {
    /// The sum of the examples' losses.
    let loss: Double
    /// The number of examples whose label has the largest score, without ties.
    let correct: Int
    /// Whether all parameters are finite after the step.
    let isFinite: Bool
    /// The gradient with respect to the input that the method learns from, a row for each example.
    let observed: [Float]
  }

  init(
    _ state: TrainingState, recipe: Recipe, algorithms: Algorithms.Policy = .fastest
  ) throws {
    let network = state.network
    let trained = try recipe.trainedNames(of: network)
    let frozen = network.statisticNames.filter { recipe.isFrozen($0) }
    evaluation = try CompiledNetwork(network, isFrozen: false, algorithms: algorithms)
    evaluation.expect(rows: recipe.batchSize)
    var builder = try LossBuilder(
      network, entropy: recipe.entropy, areLabelsMixed: recipe.augmentations.mixer != nil,
      keeping: frozen)
    let value = try recipe.method.loss(in: &builder)
    observed = recipe.method.differentiatedInput
    loss = try LossPlan(
      builder.finish(value), loss: LossBuilder.lossName,
      withRespectTo: trained + (observed.map { [$0] } ?? []),
      parameters: evaluation.parameters, batch: builder.countsAllRows ? nil : recipe.batchSize,
      labels: builder.classNames,
      measuring: builder.measured, keeping: frozen, algorithms: evaluation.algorithms)
    let vectors = network.graph.vectorNames
    descent = Descent(
      state.optimizer, store: evaluation.parameters, names: trained,
      withoutDecay: recipe.decaysVectors ? [] : vectors, largestNorm: recipe.largestGradientNorm)
    let gamma = recipe.method.weightPerturbation
    perturbation =
      gamma > 0
      ? WeightPerturbation(
        .relative(gamma: gamma), of: evaluation.parameters,
        names: trained.filter { !vectors.contains($0) }) : nil
    let evaluation = evaluation
    averaging = try recipe.average.map {
      try Averaging($0, of: state, trained: trained, keeping: frozen, in: evaluation)
    }
    parameterNames = network.parameterNames
  }

  /// Descends on the loss of some examples, and moves the running statistics toward theirs.
  ///
  /// - Parameters:
  ///   - batch: The examples.
  ///   - inputs: What the method made of them.
  ///   - rate: The learning rate.
  ///   - taken: The number of steps taken before.
  /// - Returns: What the network made of the examples before the step.
  /// - Throws: `LossPlan.SmallBatch`, `EngineError`.
  func step(
    _ batch: TrainingBatch, _ inputs: [String: [Float]], rate: Double, taken: Int
  ) throws -> Step {
    var bound = inputs
    if bound[LossBuilder.inputName] == nil { bound[LossBuilder.inputName] = batch.values }
    bound[LossBuilder.labelsName] = batch.labels.map { Float($0) }
    if let mixture = batch.mixture {
      bound[LossBuilder.partnersName] = mixture.labels.map { Float($0) }
      bound[LossBuilder.sharesName] = mixture.shares
    }
    func run() throws -> Double {
      try loss.total(rows: batch.count) { input in
        for (name, values) in bound where loss.uses(name) {
          _ = input(name).update(fromContentsOf: values)
        }
      }
    }
    if let perturbation {
      _ = try run()
      perturbation.apply(along: { loss.gradient($0) })
    }
    let sum = try run()
    let correct = correctCount(batch.labels)
    let gradient = observed.flatMap { loss.gradient($0) }.map {
      Array(UnsafeBufferPointer(start: $0, count: batch.values.count))
    }
    let areParametersFinite = descent.step(
      along: { loss.gradient($0) }, rate: rate, step: taken)
    perturbation?.subtract()
    let areStatisticsFinite = try loss.followStatistics()
    averaging?.endStep(taken)
    return Step(
      loss: sum, correct: correct, isFinite: areParametersFinite && areStatisticsFinite,
      observed: gradient ?? [])
  }

  private func correctCount(_ labels: [Int]) -> Int {
    guard let scores = loss.output(LossBuilder.scoresName) else { return 0 }
    let width = evaluation.outputCount
    return labels.enumerated().count { row, label in
      let scores = scores + row * width
      return (0..<width).allSatisfy { $0 == label || scores[$0] < scores[label] }
    }
  }

  /// What training has come to: all parameters, the optimiser with its memory, and the average.
  func outcome(
    after steps: Int
  ) -> (
    parameters: [String: Tensor<Float>], optimizer: any Optimizer, average: [String: Tensor<Float>]
  ) {
    (parameters, descent.remembered(after: steps), averaging?.state ?? [:])
  }

  /// The parameters as they are.
  var parameters: [String: Tensor<Float>] {
    var parameters: [String: Tensor<Float>] = [:]
    for name in parameterNames { parameters[name] = evaluation.parameters.tensor(name) }
    return parameters
  }
}
