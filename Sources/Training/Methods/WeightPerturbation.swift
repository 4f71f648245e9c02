public import Graphs
public import Tensors

/// Adversarial weight perturbation around another method: the loss is minimised where a small move of the weights makes it
/// worst.
///
/// Before each step, each weight tensor w (of two axes or more) is moved by gamma ||w|| g / ||g|| along the gradient g of
/// the method's loss; the step is taken with the gradient there, and the move is taken back.
///
/// Wu, Xia and Wang, "Adversarial weight perturbation helps robust generalization", 2020,
/// https://arxiv.org/abs/2004.05884. Cost: one more pass over the batch.
public struct AdversarialWeightPerturbation: TrainingMethod {
  /// The method whose loss is minimised.
  public var method: any TrainingMethod
  /// The relative size gamma of the move.
  public var gamma: Double

  /// Wraps a method.
  public init(_ method: any TrainingMethod, gamma: Double = 0.005) {
    (self.method, self.gamma) = (method, gamma)
  }

  /// The wrapped method and the size of the move.
  public var description: String {
    "\(method.description), weights perturbed by \(gamma)"
  }

  /// Those of the wrapped method.
  public var replays: Int { method.replays }

  /// The size of the move.
  public var weightPerturbation: Double { gamma }

  /// That of the wrapped method.
  public var differentiatedInput: String? { method.differentiatedInput }

  /// The loss of the wrapped method.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    try method.loss(in: &builder)
  }

  /// What the wrapped method prepares.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    try await method.prepare(batch, by: session)
  }

  /// Those of the wrapped method.
  public func firstWeights(of graph: Graph, from key: RandomKey) -> [String: Tensor<Float>] {
    method.firstWeights(of: graph, from: key)
  }

  /// What the wrapped method learns.
  public func learn(
    _ gradient: Tensor<Float>, of batch: TrainingBatch, within bounds: ClosedRange<Float>,
    remembering memory: inout MethodMemory
  ) {
    method.learn(gradient, of: batch, within: bounds, remembering: &memory)
  }

  /// What the wrapped method says.
  public func flaw(in memory: MethodMemory, atStep step: Int, exampleShape: Shape) -> String? {
    method.flaw(in: memory, atStep: step, exampleShape: exampleShape)
  }
}
