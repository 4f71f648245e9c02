import Tensors

/// Independent normal noise on every value, as of a sensor in low light.
enum GaussianNoise: Corruption {
  static let name = "gaussian_noise"

  /// The standard deviation, in shares of the range.
  static let strengths: [CorruptionSuite: [Float]] = [
    .cifar10C: [0.04, 0.06, 0.08, 0.09, 0.10],
    .imagenetC: [0.08, 0.12, 0.18, 0.26, 0.38],
  ]

  static func apply(
    to picture: inout Picture, _ deviation: Float, drawing generator: inout Philox
  ) {
    var normals = NormalStream(generator)
    for index in picture.levels.indices {
      picture.levels[index] += 255 * deviation * normals.next()
    }
  }
}
