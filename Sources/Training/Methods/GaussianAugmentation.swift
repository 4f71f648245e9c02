import Tensors

/// Minimises the cross-entropy of examples with normal noise, which randomised smoothing needs.
///
/// Cohen, Rosenfeld and Kolter, "Certified adversarial robustness via randomized smoothing", 2019,
/// https://arxiv.org/abs/1902.02918. The noise is not clipped to the values that inputs may have, as at prediction.
public struct GaussianAugmentation: TrainingMethod {
  /// The standard deviation of the noise.
  public var deviation: Double

  /// Creates the method.
  public init(deviation: Double) { self.deviation = deviation }

  /// The method and its constant.
  public var description: String { "gaussian noise \(deviation)" }

  /// Adds noise.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    [LossBuilder.inputName: session.noisy(batch.values, of: batch, deviation: deviation, draw: 0)]
  }
}

extension TrainingSurroundings {
  /// Values with normal noise that depends on the seed, the step, the example and the draw only.
  func noisy(
    _ values: [Float], of batch: TrainingBatch, deviation: Double, draw: Int
  ) -> [Float] {
    var values = values
    let size = batch.exampleShape.count
    for row in 0..<batch.count {
      var generator = key.child("noise").child(draw).child(batch.indices[row]).generator
      let noise = generator.normals(batch.exampleShape)
      for (place, one) in noise.scalars.enumerated() {
        values[row * size + place] += Float(deviation) * one
      }
    }
    return values
  }
}
