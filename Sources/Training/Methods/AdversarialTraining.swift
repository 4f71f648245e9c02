/// Minimises the cross-entropy of the worst examples that an attack finds.
///
/// Madry et al., "Towards deep learning models resistant to adversarial attacks", 2018,
/// https://arxiv.org/abs/1706.06083; with one step from a random start it is that of Wong, Rice and Kolter, "Fast is better
/// than free", 2020, https://arxiv.org/abs/2001.03994.
public struct AdversarialTraining: TrainingMethod {
  /// Who finds the examples, and where.
  public var adversary: Recipe.Adversary

  /// Creates the method.
  public init(_ adversary: Recipe.Adversary) { self.adversary = adversary }

  /// Whom the network is trained against.
  public var description: String { "against \(adversary.description)" }

  /// Attacks.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    [LossBuilder.inputName: try await session.inputs(of: adversary, for: batch)]
  }
}
