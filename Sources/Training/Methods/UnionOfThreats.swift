public import Graphs

/// Minimises the mean of the worst losses under several threats, each with its own attack.
///
/// This is the average of Tramèr and Boneh, "Adversarial training and robustness for multiple perturbations", 2019,
/// https://arxiv.org/abs/1904.13000. Their maximum is adversarial training within a threat of alternatives, such as
/// `linf:0.3|l2:2`.
public struct UnionOfThreats: TrainingMethod {
  /// Who finds the examples under each threat.
  public var adversaries: [Recipe.Adversary]

  /// Creates the method.
  ///
  /// - Precondition: There is an adversary.
  public init(_ adversaries: [Recipe.Adversary]) {
    precondition(!adversaries.isEmpty, "a union has a member")
    self.adversaries = adversaries
  }

  /// Whom the network is trained against.
  public var description: String {
    "on average against " + adversaries.map(\.description).joined(separator: " and ")
  }

  private func name(_ index: Int) -> String { "adversarial \(index)" }

  /// The mean of the cross-entropies.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    try builder.meanCrossEntropy(at: adversaries.indices.map(name))
  }

  /// Attacks under each threat.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    var inputs: [String: [Float]] = [:]
    for (index, adversary) in adversaries.enumerated() {
      inputs[name(index)] = try await session.inputs(of: adversary, for: batch)
    }
    return inputs
  }
}
