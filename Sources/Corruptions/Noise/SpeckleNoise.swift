import Tensors

/// Normal noise in proportion to each value.
enum SpeckleNoise: Corruption {
  static let name = "speckle_noise"

  /// The standard deviation, in shares of each value.
  static let strengths: [CorruptionSuite: [Float]] = [
    .cifar10C: [0.06, 0.1, 0.12, 0.16, 0.2],
    .imagenetC: [0.15, 0.2, 0.35, 0.45, 0.6],
  ]

  static func apply(
    to picture: inout Picture, _ deviation: Float, drawing generator: inout Philox
  ) {
    var normals = NormalStream(generator)
    for index in picture.levels.indices {
      picture.levels[index] *= 1 + deviation * normals.next()
    }
  }
}
