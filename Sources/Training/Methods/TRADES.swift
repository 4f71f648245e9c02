public import Graphs

/// Trades the cross-entropy of the examples against how far predictions change nearby.
///
/// CE(f(x), y) + beta max over x' of KL(f(x) || f(x')), differentiated through both predictions.
///
/// Zhang, Yu, Jiao, Xing, El Ghaoui and Jordan, "Theoretically principled trade-off between robustness and accuracy", 2019,
/// https://arxiv.org/abs/1901.08573. The authors' code runs the clean examples through the network twice, so that their
/// running statistics of batch normalisations count twice; here they count once.
public struct TRADES: TrainingMethod {
  /// Who finds x', and where: a `TrainingAscent` in the paper.
  public var adversary: Recipe.Adversary
  /// The weight of the divergence.
  public var beta: Double

  /// Creates the method.
  public init(_ adversary: Recipe.Adversary, beta: Double = 6) {
    (self.adversary, self.beta) = (adversary, beta)
  }

  /// The method, its constants and the threat.
  public var description: String {
    "trades, beta \(beta), \(adversary.description)"
  }

  /// The cross-entropy and the weighted divergence.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    let clean = try builder.scores(of: builder.input)
    let moved = try builder.scores(of: builder.input("adversarial"))
    let entropy = try builder.crossEntropy(clean)
    let divergence = try builder.mean(try builder.divergence(clean, moved))
    return try builder.graph.add(
      entropy, try builder.graph.scale(divergence, by: Float(beta)))
  }

  /// Attacks.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    ["adversarial": try await session.inputs(of: adversary, for: batch)]
  }
}
