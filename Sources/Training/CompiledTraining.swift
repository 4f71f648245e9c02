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
  private let observed: String?
  private let perturbation: WeightPerturbation?
  private let average: WeightAverage?
  private let statistics: StatisticsPlan

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
    let store = evaluation.parameters
    average = recipe.average.map { WeightAverage($0, of: store, names: trained, statistics: []) }
    try average?.restore(state.average)
    statistics = try StatisticsPlan(
      network.graph.selecting(outputs: [Network.outputName]), input: Network.inputName,
      keeping: frozen, parameters: evaluation.parameters, algorithms: evaluation.algorithms)
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
    if case .exponential = average?.rule { average?.update(at: taken) }
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
    (parameters, descent.remembered(after: steps), average?.state ?? [:])
  }

  /// The parameters as they are.
  private var parameters: [String: Tensor<Float>] {
    var parameters: [String: Tensor<Float>] = [:]
    for name in parameterNames { parameters[name] = evaluation.parameters.tensor(name) }
    return parameters
  }

  /// Whether an average takes the place of the parameters after an epoch.
  var hasAverage: Bool { average != nil }

  /// Takes the parameters into an average of epochs, once for each.
  func endEpoch(_ epoch: Int) {
    if let average, case .equal(let first) = average.rule, average.count <= epoch - first {
      average.update(at: epoch)
    }
  }

  /// Puts the average in the place of the parameters, with statistics measured on some examples.
  ///
  /// - Returns: The statistics of the parameters themselves, for `bringBack`, and the averaged parameters.
  /// - Throws: As `StatisticsPlan.measure`.
  func exchange(
    batches: [Int], fill: (Int, UnsafeMutablePointer<Float>) throws -> Void
  ) throws -> (statistics: [String: Tensor<Float>], averaged: [String: Tensor<Float>]) {
    var own: [String: Tensor<Float>] = [:]
    for name in statistics.statistics.flatMap({ [$0.mean, $0.variance] }) {
      own[name] = evaluation.parameters.tensor(name)
    }
    average?.exchange()
    do {
      try statistics.measure(batches: batches, fill: fill)
    } catch {
      try bringBack(own)
      throw error
    }
    return (own, parameters)
  }

  /// Undoes `exchange`.
  func bringBack(_ statistics: [String: Tensor<Float>]) throws {
    average?.exchange()
    for (name, tensor) in statistics { try evaluation.parameters.update(name, to: tensor) }
  }
}
