public import Robustness
import Tensors

/// Adversarial training against random changes such as rotations and translations: the worst of k.
///
/// Of k points that are drawn from the threat, uniform angles and shifts, the one with the largest cross-entropy is trained
/// on. Gradients find such changes badly; there are few parameters and many local maxima.
///
/// Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the landscape of spatial robustness", 2019,
/// https://arxiv.org/abs/1712.02779, with k = 10. Cost: `draws` forwards.
public struct SpatialTraining: TrainingMethod {
  /// What may be done to an example.
  public var threat: any ThreatModel
  /// The threat in words.
  public var threatWords: String
  /// The number k of draws, at least 1.
  public var draws: Int

  /// Creates the method.
  ///
  /// - Precondition: `draws` is at least 1.
  public init(_ threat: any ThreatModel, words: String, draws: Int = 10) {
    precondition(draws >= 1, "the worst of nothing")
    (self.threat, threatWords, self.draws) = (threat, words, draws)
  }

  /// The method, its constant and the threat.
  public var description: String { "spatial, worst of \(draws) draws, within \(threatWords)" }

  /// Draws, and keeps the worst.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    let regions = try batch.regions(of: threat)
    var ways: [(values: [Float], losses: [Double])] = []
    for draw in 0..<draws {
      var values: [Float] = []
      values.reserveCapacity(batch.values.count)
      for (row, region) in regions.enumerated() {
        var generator =
          session.key.child("draws").child(draw).child(batch.indices[row]).generator
        values += threat.apply(region.sample(using: &generator), to: batch.example(row)).scalars
      }
      ways.append((values, try await session.losses(at: values, of: batch)))
    }
    return [LossBuilder.inputName: batch.worst(of: ways)]
  }
}
