import Tensors

/// One step of the sign of the gradient from noise wider than the ball, without a way back into it.
///
/// x + eta + alpha sign(grad at x + eta) with eta uniform in [-k eps, k eps]: what comes out lies outside the ball, so it
/// is an augmentation of the training set and no attack.
///
/// De Jorge, Bibi, Volpi, Sanyal, Torr, Rogez and Dokania, "Make some noise: reliable and efficient single-step adversarial
/// training", 2022, https://arxiv.org/abs/2202.01181.
public struct NoisyFGSM: TrainingMethod {
  /// The radius eps in L-infinity.
  public var radius: Double
  /// The width k of the noise, in radii.
  public var noise: Double
  /// The length alpha of the step, in radii.
  public var step: Double

  /// Creates the method.
  public init(radius: Double, noise: Double = 2, step: Double = 1) {
    (self.radius, self.noise, self.step) = (radius, noise, step)
  }

  /// The method and its constants.
  public var description: String { "n-fgsm, noise \(noise), step \(step), linf:\(radius)" }

  /// Draws noise and takes the step.
  public func prepare(
    _ batch: TrainingBatch, by session: TrainingSurroundings
  ) async throws -> [String: [Float]] {
    let bounds = session.bounds
    func limited(_ value: Float) -> Float {
      min(max(value, bounds.lowerBound), bounds.upperBound)
    }
    let size = batch.exampleShape.count
    let width = Float(noise * radius)
    var start = batch.values
    for row in 0..<batch.count {
      var generator = session.key.child("noise").child(batch.indices[row]).generator
      let draws = generator.uniforms(batch.exampleShape)
      for (place, draw) in draws.scalars.enumerated() {
        let index = row * size + place
        start[index] = limited(start[index] + width * (2 * draw - 1))
      }
    }
    let gradients = try await session.gradients(at: start, of: batch).gradients
    let length = Float(step * radius)
    for (index, slope) in gradients.scalars.enumerated() where slope != 0 && !slope.isNaN {
      start[index] = limited(start[index] + (slope > 0 ? length : -length))
    }
    return [LossBuilder.inputName: start]
  }
}
