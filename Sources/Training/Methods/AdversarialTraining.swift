public import Graphs

/// Minimises the cross-entropy of the worst examples that an attack finds.
///
/// (1 - w) CE(f(x'), y) + w CE(f(x), y) with the natural weight w, 0 in the papers; above it, accuracy on the examples as they
/// are is bought with robustness (Goodfellow et al. 2015 took half, https://arxiv.org/abs/1412.6572).
///
/// Madry et al., "Towards deep learning models resistant to adversarial attacks", 2018,
/// https://arxiv.org/abs/1706.06083; with one step from a random start it is that of Wong, Rice and Kolter, "Fast is better
/// than free", 2020, https://arxiv.org/abs/2001.03994.
public struct AdversarialTraining: TrainingMethod {
  /// Who finds the examples, and where.
  public var adversary: Recipe.Adversary
  /// The weight of the loss of the examples as they are, from 0 to 1; above 0 they cost another pass.
  public var naturalWeight = 0.0

  /// The input that holds what the attack found, where the examples are needed as well.
  private static let found = "adversarial"

  /// Creates the method.
  public init(_ adversary: Recipe.Adversary) { self.adversary = adversary }

  /// Whom the network is trained against.
  public var description: String {
    (naturalWeight > 0 ? "natural loss weighed \(naturalWeight), " : "")
      + "against \(adversary.description)"
  }

  /// The cross-entropy, of which accuracy is that of the adversarial examples.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    guard naturalWeight > 0 else {
      let scores = try builder.scores(of: builder.input)
      return try builder.crossEntropy(scores)
    }
    let moved = try builder.scores(of: builder.input(Self.found))
    let natural = try builder.scores(of: builder.input)
    let (first, second) = (try builder.crossEntropy(moved), try builder.crossEntropy(natural))
    return try builder.graph.add(
      try builder.graph.scale(first, by: Float(1 - naturalWeight)),
      try builder.graph.scale(second, by: Float(naturalWeight)))
  }

  /// Attacks.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    let name = naturalWeight > 0 ? Self.found : LossBuilder.inputName
    return [name: try await session.inputs(of: adversary, for: batch)]
  }
}
