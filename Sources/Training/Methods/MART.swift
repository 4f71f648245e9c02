public import Graphs
import Tensors

/// Weighs what changes nearby by how wrong the example is already.
///
/// BCE(f(x'), y) + beta mean of KL(f(x) || f(x')) (1 - p_y(x)) with the boosted cross-entropy
/// BCE = -log p_y(x') - log(1 - max over k != y of p_k(x')).
///
/// Wang, Zou, Yi, Bailey, Ma and Gu, "Improving adversarial robustness requires revisiting misclassified examples", 2020,
/// https://openreview.net/forum?id=rklOg6EFwS; the small numbers inside its logarithms are those of the authors' code.
public struct MART: TrainingMethod {
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
    "mart, beta \(beta), \(adversary.description)"
  }

  /// The boosted cross-entropy and the weighted divergence.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    let clean = try builder.scores(of: builder.input)
    let moved = try builder.scores(of: builder.input("adversarial"))
    let oneHot = try builder.oneHot()
    let entropy = try builder.crossEntropy(moved)

    // The largest probability of another class: that of the label is moved below all.
    let probabilities = try builder.graph.apply(Softmax(), moved)
    let others = try builder.graph.subtract(
      probabilities, try builder.graph.scale(oneHot, by: 2))
    let rival = try builder.graph.apply(Extremum(axes: [1], isMaximum: true), others)
    let boost = try builder.mean(
      try builder.graph.apply(
        Elementwise(.log), try rest(of: rival, plus: 1e-4, in: &builder)))

    // KL with the authors' constants: sum of p (log p - log(q + 1e-12)).
    let natural = try builder.graph.apply(Softmax(), clean)
    let logNatural = try builder.graph.apply(Softmax(logarithm: true), clean)
    let logMoved = try builder.graph.apply(
      Elementwise(.log), try builder.graph.affine(probabilities, factor: 1, offset: 1e-12))
    let divergence = try builder.graph.apply(
      Reduce(axes: [1]),
      try builder.graph.multiply(natural, try builder.graph.subtract(logNatural, logMoved)))
    let right = try builder.graph.apply(
      Reduce(axes: [1]), try builder.graph.multiply(natural, oneHot))
    let wrong = try rest(of: right, plus: 1e-7, in: &builder)
    let pull = try builder.mean(try builder.graph.multiply(divergence, wrong))
    return try builder.graph.add(
      try builder.graph.subtract(entropy, boost),
      try builder.graph.scale(pull, by: Float(beta)))
  }

  /// 1 - p + a small number, which in one sum with 1 would lose most of its digits.
  private func rest(
    of p: Value, plus small: Float, in builder: inout LossBuilder
  ) throws -> Value {
    let rest = try builder.graph.affine(p, factor: -1, offset: 1)
    return try builder.graph.affine(rest, factor: 1, offset: small)
  }

  /// Attacks.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    ["adversarial": try await session.inputs(of: adversary, for: batch)]
  }
}
