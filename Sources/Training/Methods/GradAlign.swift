public import Graphs
import Robustness
import Tensors

/// Adversarial training with few steps, and a penalty where the gradient turns inside the ball.
///
/// CE(f(x'), y) + lambda (1 - mean of cos(g(x), g(x + eta))) with g the gradient of the cross-entropy with respect to the
/// input and eta a random point of the threat. It keeps FGSM from catastrophic overfitting. The penalty is differentiated
/// through both gradients.
///
/// Andriushchenko and Flammarion, "Understanding and improving fast adversarial training", 2020,
/// https://arxiv.org/abs/2007.02617. Examples whose gradient is zero add nothing to the mean.
public struct GradAlign: TrainingMethod {
  /// Who finds x', and where.
  public var adversary: Recipe.Adversary
  /// The weight of the penalty.
  public var lambda: Double

  /// Creates the method.
  public init(_ adversary: Recipe.Adversary, lambda: Double = 0.2) {
    (self.adversary, self.lambda) = (adversary, lambda)
  }

  /// The method, its weight and the adversary.
  public var description: String {
    "gradalign, lambda \(lambda), against \(adversary.description)"
  }

  /// The cross-entropy of x' and the penalty.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    let adversarial = builder.input("adversarial")
    let drawn = builder.input("drawn")
    let entropy = try builder.crossEntropy(try builder.scores(of: adversarial))
    let first = try gradient(at: builder.input, in: &builder)
    let second = try gradient(at: drawn, in: &builder)
    let axes = Array(1..<builder.graph.extents(of: first).rank)
    func dot(_ a: Value, _ b: Value) throws -> Value {
      try builder.graph.apply(Reduce(axes: axes), try builder.graph.multiply(a, b))
    }
    let squares = (try dot(first, first), try dot(second, second))
    let product = try dot(first, second)
    // Where one of both is zero the quotient is 0 / tiny, and the example is left out of the mean.
    let both = try builder.graph.multiply(squares.0, squares.1)
    let isTurnable = try builder.graph.multiply(
      try builder.graph.apply(Elementwise(.step), squares.0),
      try builder.graph.apply(Elementwise(.step), squares.1))
    let safe = try builder.graph.add(
      both, try builder.graph.affine(isTurnable, factor: -1, offset: 1))
    let cosine = try builder.graph.apply(
      Arithmetic(.divide), product, try builder.graph.apply(Elementwise(.squareRoot), safe))
    let labelled = try builder.graph.apply(Reduce(axes: [1]), try builder.oneHot())
    let mean = try builder.mean(
      cosine, weights: try builder.graph.multiply(isTurnable, labelled))
    let penalty = try builder.graph.affine(mean, factor: Float(-lambda), offset: Float(lambda))
    return try builder.graph.add(entropy, penalty)
  }

  /// The gradient of each example's cross-entropy at some inputs, scaled so that it stays in the range of `Float`.
  private func gradient(at input: Value, in builder: inout LossBuilder) throws -> Value {
    let entropy = try builder.crossEntropy(try builder.scores(of: input))
    return try builder.gradient(of: entropy, withRespectTo: input)
  }

  /// Attacks, and draws a point of the threat for each example.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    let found = try await session.inputs(of: adversary, for: batch)
    var drawn: [Float] = []
    drawn.reserveCapacity(batch.values.count)
    for row in 0..<batch.count {
      let example = batch.example(row)
      var generator = session.key.child("drawn").child(batch.indices[row]).generator
      let region = try adversary.threat.region(around: example)
      drawn.append(
        contentsOf: adversary.threat.apply(region.sample(using: &generator), to: example).scalars)
    }
    return ["adversarial": found, "drawn": drawn]
  }
}
