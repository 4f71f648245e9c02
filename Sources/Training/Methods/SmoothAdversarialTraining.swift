public import Graphs
public import Robustness
import Tensors

/// Adversarial training of the smoothed classifier: the attack and the loss see the same noise.
///
/// With m draws of normal noise d_i that are held fixed, the attack climbs -log of the mean over i of p_y(x' + d_i), and the
/// mean over i of CE(f(x' + d_i), y) is minimised at what it finds. The gradient of the first is the sum of those of the
/// cross-entropies, weighted by the shares of p_y(x' + d_i).
///
/// Salman, Yang, Li, Zhang, Zhang, Razenshteyn and Bubeck, "Provably robust deep learning via adversarially trained smoothed
/// classifiers", 2019, https://arxiv.org/abs/1906.04584. Noise is not clipped to the values that inputs may have, as at
/// prediction; x' is. Cost: `draws` times `steps` forwards and backwards, and `draws` passes of the loss.
public struct SmoothAdversarialTraining: TrainingMethod {
  /// Where x' may lie, an L2 ball in the paper.
  public var ball: Ball
  /// The threat in words.
  public var threatWords: String
  /// The standard deviation of the noise.
  public var deviation = 0.25
  /// The number m of draws of noise, at least 1.
  public var draws = 2
  /// The number of steps.
  public var steps = 4
  /// The length of a step, in radii; `nil` for 2 divided by the number of steps.
  public var step: Double?

  /// Creates the method with its standard constants.
  public init(_ ball: Ball, words: String) { (self.ball, threatWords) = (ball, words) }

  /// The method, its constants and the threat.
  public var description: String {
    "smooth-adv, noise \(deviation), \(draws) draws, \(steps) steps"
      + (step.map { " of \($0) radii" } ?? "") + ", within \(threatWords)"
  }

  private var names: [String] { (0..<draws).map { "noisy \($0)" } }

  /// The mean of the cross-entropies under the noise.
  public func loss(in builder: inout LossBuilder) throws -> Value {
    try builder.meanCrossEntropy(at: names)
  }

  /// Draws the noise, and climbs.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    let zeros = [Float](repeating: 0, count: batch.values.count)
    let noises = (0..<draws).map {
      session.noisy(zeros, of: batch, deviation: deviation, draw: $0)
    }
    let regions = try batch.regions(of: ball)
    let length = (step ?? 2 / Double(max(steps, 1))) * ball.radius
    var values = batch.values
    for _ in 0..<(ball.radius > 0 ? steps : 0) {
      var found: [(losses: [Double], gradients: Tensor<Float>)] = []
      for noise in noises {
        found.append(try await session.gradients(at: Self.sum(values, noise), of: batch))
      }
      var moved: [Float] = []
      moved.reserveCapacity(values.count)
      for (row, region) in regions.enumerated() {
        let shares = Self.shares(found.map { $0.losses[row] })
        var gradient = Tensor<Float>.zeros(batch.exampleShape)
        for (share, one) in zip(shares, found) {
          gradient = gradient + Float(share) * one.gradients.row(row)
        }
        let point = batch.part(row, of: values)
        moved += region.step(from: point, along: gradient, length: length).scalars
      }
      values = moved
    }
    return Dictionary(
      uniqueKeysWithValues: zip(names, noises).map { ($0, Self.sum(values, $1)) })
  }

  private static func sum(_ values: [Float], _ noise: [Float]) -> [Float] {
    zip(values, noise).map { $0 + $1 }
  }

  /// The shares of the probabilities whose negative logarithms are given; equal ones where they are not finite.
  package static func shares(_ losses: [Double]) -> [Double] {
    let least = losses.min() ?? 0
    let terms = losses.map { Double.exp(least - $0) }
    let sum = terms.reduce(0, +)
    return sum.isFinite && sum > 0
      ? terms.map { $0 / sum } : losses.map { _ in 1 / Double(losses.count) }
  }
}
