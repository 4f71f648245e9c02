import Tensors

/// Bright clouds over the picture.
enum Fog: Corruption {
  static let name = "fog"

  struct Strength: Sendable {
    /// How bright the clouds are, in shares of the range.
    let density: Float
    /// By what their finer parts vary less.
    let decay: Float
    /// The least side of the map that they are cut from.
    var leastSide = 4
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)].map {
      Strength(density: $0, decay: $1)
    },
    .imagenetC: photographs.map { Strength(density: $0, decay: $1) },
    .mnistC: photographs.map { Strength(density: $0, decay: $1, leastSide: 256) },
  ]

  private static let photographs: [(Float, Float)] = [
    (1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4),
  ]

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    var side = strength.leastSide
    while side < picture.side { side *= 2 }
    let clouds = PlasmaFractal(side: side, decay: strength.decay, drawing: &generator)
    let most = picture.levels.max() ?? 0
    let scale = most / (most + 255 * strength.density)
    let width = picture.width
    for row in 0..<picture.channels * picture.height {
      let from = row % picture.height * side
      for column in 0..<width {
        let cloud = 255 * strength.density * clouds.heights[from + column]
        picture.levels[row * width + column] =
          (picture.levels[row * width + column] + cloud) * scale
      }
    }
  }
}
