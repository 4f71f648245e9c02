public import Graphs
public import Robustness

/// Trades the cross-entropy of the examples against how far predictions change nearby.
///
/// CE(f(x), y) + beta max over x' of KL(f(x) || f(x')), differentiated through both predictions.
///
/// Zhang, Yu, Jiao, Xing, El Ghaoui and Jordan, "Theoretically principled trade-off between robustness and accuracy", 2019,
/// https://arxiv.org/abs/1901.08573. The authors' code runs the clean examples through the network twice, so that their
/// running statistics of batch normalisations count twice; here they count once.
public struct TRADES: TrainingMethod {
  /// What may be done to an example.
  public var threat: any ThreatModel
  /// The threat in words.
  public var threatWords: String
  /// The weight of the divergence.
  public var beta: Double
  /// How x' is found.
  public var ascent: TrainingAscent

  /// Creates the method.
  public init(
    _ threat: any ThreatModel, words: String, beta: Double = 6,
    ascent: TrainingAscent = TrainingAscent(.divergence, steps: 10)
  ) {
    (self.threat, threatWords, self.beta, self.ascent) = (threat, words, beta, ascent)
  }

  /// The method, its constants and the threat.
  public var description: String {
    "trades, beta \(beta), \(ascent.words) within \(threatWords)"
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
    let adversary = Recipe.Adversary(ascent, threat: threat, description: description)
    return ["adversarial": try await session.inputs(of: adversary, for: batch)]
  }
}

extension TrainingAscent {
  /// The ascent in words.
  var words: String {
    "\(steps) steps" + (stepSize.map { " of \($0)" } ?? "") + " from noise \(noise)"
  }
}
