import Tensors

/// A blur along a line whose angle is drawn from -45 to 45 degrees, as of a camera that moves.
enum MotionBlur: Corruption {
  static let name = "motion_blur"

  struct Strength: Sendable {
    let filter: MotionFilter
    /// Whether levels are rounded to the nearest, as ImageMagick does it, and not down.
    let isRounded: Bool
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)].map {
      Strength(filter: MotionFilter(radius: $0, deviation: $1), isRounded: true)
    },
    .imagenetC: photographs.map { Strength(filter: $0, isRounded: false) },
    .mnistC: photographs.map { Strength(filter: $0, isRounded: true) },
  ]

  private static let photographs = [(10, 3.0), (15, 5), (15, 8), (15, 12), (20, 15)].map {
    MotionFilter(radius: $0, deviation: $1)
  }

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    strength.filter.apply(
      to: &picture.levels, height: picture.height, width: picture.width,
      angle: 90 * Double(generator.uniform()) - 45)
    if strength.isRounded { picture.round() }
  }
}
