public import Graphs

/// Adversarial logit pairing: scores of an example and of what an attack made of it are held together.
///
/// (CE(f(x), y) + CE(f(x'), y)) / 2 + weight mean of (f(x) - f(x'))^2 over examples and classes.
///
/// Kannan, Kurakin and Goodfellow, "Adversarial logit pairing", 2018, https://arxiv.org/abs/1803.06373. Its robustness was
/// found to be overestimated (Engstrom, Ilyas and Athalye 2018, https://arxiv.org/abs/1807.10272): judge it by a strong
/// evaluation.
public struct LogitPairing: TrainingMethod {
  /// Who finds x', and where.
  public var adversary: Recipe.Adversary
  /// The weight of the pairing.
  public var weight: Double

  /// Creates the method.
  public init(_ adversary: Recipe.Adversary, weight: Double = 0.5) {
    (self.adversary, self.weight) = (adversary, weight)
  }

  /// The method, its weight and the adversary.
  public var description: String {
    "logit pairing, weight \(weight), against \(adversary.description)"
  }

  /// Both cross-entropies and the pairing.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    let clean = try builder.scores(of: builder.input)
    let moved = try builder.scores(of: builder.input("adversarial"))
    let entropies = try builder.graph.add(
      try builder.crossEntropy(clean), try builder.crossEntropy(moved))
    let square = try builder.graph.apply(
      Elementwise(.square), try builder.graph.subtract(clean, moved))
    let pairing = try builder.mean(
      try builder.graph.apply(Reduce(axes: [1], isMean: true), square))
    return try builder.graph.add(
      try builder.graph.scale(entropies, by: 0.5),
      try builder.graph.scale(pairing, by: Float(weight)))
  }

  /// Attacks.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    ["adversarial": try await session.inputs(of: adversary, for: batch)]
  }
}
