public import Graphs
public import Robustness
public import Tensors

/// A way to train: what is made of each batch, and the loss that is minimised on it.
///
/// The trainer hands a batch to `prepare`, binds what comes back to the inputs of the loss that `loss` wrote once, and
/// descends along its gradient. What an attack found is a constant of that gradient: by Danskin's theorem, where the inner
/// maximum is attained at one point and the loss is differentiable in the parameters, the gradient of the maximum is the
/// gradient of the loss at that point, held fixed; at a point that is not the maximum it is the gradient of a lower bound.
public protocol TrainingMethod: Sendable {
  /// The method and its constants on one line, which names the recipe.
  var description: String { get }

  /// How often each batch is trained on in succession; 1 for nearly all.
  var replays: Int { get }

  /// The relative size of the adversarial weight perturbation under which the loss is minimised; 0 for none.
  var weightPerturbation: Double { get }

  /// The input of the loss whose gradient `learn` is given; `nil` if it needs none.
  var differentiatedInput: String? { get }

  /// Writes the loss.
  ///
  /// - Returns: A scalar, a mean over the examples.
  /// - Throws: `GraphError` where the network has an operator that the method cannot treat.
  func loss(in builder: inout LossBuilder) throws -> Value

  /// Makes of a batch what the inputs of the loss are bound to.
  ///
  /// - Returns: Values for each input that `loss` declared; `LossBuilder.inputName` is the batch as it is unless it is
  ///   given here.
  /// - Throws: `TrainingError.attack` where an attack fails, and what the model throws.
  func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]]

  /// Weights with which a network begins that is trained from scratch, in place of the architecture's own.
  ///
  /// - Returns: Tensors for some of the parameters.
  func firstWeights(of graph: Graph, from key: RandomKey) -> [String: Tensor<Float>]

  /// Is told the gradient with respect to `differentiatedInput` after a step, to be remembered.
  ///
  /// - Parameters:
  ///   - gradient: A row for each example of the batch.
  ///   - batch: The batch.
  ///   - bounds: The values that inputs may have.
  ///   - memory: What the method remembers from step to step; it is kept with the state of the training.
  func learn(
    _ gradient: Tensor<Float>, of batch: TrainingBatch, within bounds: ClosedRange<Float>,
    remembering memory: inout MethodMemory)

  /// What is wrong with what a file says the method remembers; `nil` if nothing is.
  func flaw(in memory: MethodMemory, atStep step: Int, exampleShape: Shape) -> String?
}

extension TrainingMethod {
  /// A method that remembers nothing has no tensors.
  public func flaw(in memory: MethodMemory, atStep step: Int, exampleShape: Shape) -> String? {
    memory.tensors.keys.min().map { "the method's tensor \"\($0)\" belongs to another method" }
  }

  /// Once.
  public var replays: Int { 1 }

  /// The cross-entropy of the examples as they were prepared.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    let scores = try builder.scores(of: builder.input)
    return try builder.crossEntropy(scores)
  }

  /// None.
  public var weightPerturbation: Double { 0 }

  /// None.
  public var differentiatedInput: String? { nil }

  /// Those of the architecture.
  public func firstWeights(of graph: Graph, from key: RandomKey) -> [String: Tensor<Float>] { [:] }

  /// Remembers nothing.
  public func learn(
    _ gradient: Tensor<Float>, of batch: TrainingBatch, within bounds: ClosedRange<Float>,
    remembering memory: inout MethodMemory
  ) {}
}

/// What a method remembers from step to step.
public struct MethodMemory: Sendable {
  /// Tensors by name, empty before the first step.
  public var tensors: [String: Tensor<Float>] = [:]

  /// Remembers nothing.
  public init() {}
}

/// The examples of one step, as they are trained on before the method changes them.
public struct TrainingBatch: Sendable {
  /// The positions in the data set, which key the randomness of attacks.
  public let indices: [Int]
  /// The classes.
  public let labels: [Int]
  /// The shape of one example.
  public let exampleShape: Shape
  /// The examples, one after the other.
  public let values: [Float]
  /// The classes of the examples that these are mixed with, and their own shares of the mixtures; `nil` if they are not.
  public internal(set) var mixture: (labels: [Int], shares: [Float])?

  /// The number of examples.
  public var count: Int { labels.count }

  /// The examples as one tensor, N x their shape.
  public var tensor: Tensor<Float> { Tensor(values, shape: exampleShape.prepending(count)) }

  /// One example.
  public func example(_ row: Int) -> Tensor<Float> { part(row, of: values) }

  /// The part of some values, one example after the other, that belongs to a row.
  func part(_ row: Int, of values: [Float]) -> Tensor<Float> {
    let size = exampleShape.count
    return Tensor(Array(values[row * size..<(row + 1) * size]), shape: exampleShape)
  }
}

/// What surrounds a step: the model that attacks see, chance, and where training stands.
public struct TrainingSurroundings: Sendable {
  /// Runs attacks on the network with its present parameters, in the form of evaluation, drawing anew at each step.
  public let runner: AttackRunner
  /// The values that inputs may have.
  public let bounds: ClosedRange<Float>
  /// The key of this step's randomness.
  public let key: RandomKey
  /// The number of steps taken before.
  public let step: Int
  /// The number of steps of the whole training.
  public let total: Int
  /// What the method remembers.
  public let memory: MethodMemory

  /// What an attack finds for each example of a batch.
  ///
  /// - Returns: The inputs, one after the other.
  /// - Throws: `TrainingError.attack` if it fails on one.
  public func inputs(
    of adversary: Recipe.Adversary, for batch: TrainingBatch
  ) async throws -> [Float] {
    let problems = try (0..<batch.count).map { row in
      try Problem(
        index: batch.indices[row], input: batch.example(row), label: batch.labels[row],
        threat: adversary.threat)
    }
    let found = try await runner.trainingInputs(adversary.attack, on: problems)
    // Where the attack fails the example itself would be trained on, which nobody asked for.
    if let failed = found.first(where: { $0.failure != nil }), let failure = failed.failure {
      throw TrainingError.attack(step: step + 1, index: failed.index, "\(failure)")
    }
    var values: [Float] = []
    values.reserveCapacity(batch.values.count)
    for one in found { values.append(contentsOf: one.input.scalars) }
    return values
  }
}
