import Tensors

/// The picture is bent, as if drawn on rubber; small ones are also moved and turned as a whole.
///
/// Photographs follow `imagecorruptions`, whose distances grow with the picture.
enum ElasticTransform: Corruption {
  static let name = "elastic_transform"

  struct Strength: Sendable {
    /// How far pixels move before distances are blurred: for each axis up to this share of the picture's height.
    let displacement: Double
    /// The standard deviation of that blur, in shares of the picture's sides.
    let deviation: Double
    /// How far three places move, in shares of the shorter side.
    let shift: Double
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [
      (0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03),
    ]
    .map { Strength(displacement: $0, deviation: $1, shift: $2) },
    .imagenetC: [0.05, 0.065, 0.085, 0.1, 0.12].map {
      Strength(displacement: 250 * $0 * 0.005, deviation: 0.01, shift: 0)
    },
  ]

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    if strength.shift > 0 { move(&picture, by: strength.shift, &generator) }
    guard strength.displacement > 0 else { return }
    let (height, width) = (picture.height, picture.width)
    let filter = GaussianFilter(
      down: strength.deviation * Double(height), across: strength.deviation * Double(width),
      reach: 3, edge: .reflect)
    let reach = Float(strength.displacement * Double(height))
    func displacements() -> Plane {
      var plane = Plane(height: height, width: width) { reach * (2 * generator.uniform() - 1) }
      filter.apply(to: &plane)
      return plane
    }
    let across = displacements()
    let down = displacements()
    Warp.apply(to: &picture, edge: .reflect) { row, column in
      let place = row * width + column
      return (Float(row) + down.values[place], Float(column) + across.values[place])
    }
  }

  /// Moves the picture as three of its places move at random.
  private static func move(
    _ picture: inout Picture, by share: Double, _ generator: inout Philox
  ) {
    let side = min(picture.height, picture.width)
    let middle = SIMD2(Double(picture.width / 2), Double(picture.height / 2))
    let reach = Double(max(1, side / 3))
    let places = [
      middle + reach, middle + SIMD2(reach, -reach), middle - reach,
    ]
    let moved = places.map { place in
      place
        + share * Double(side)
        * SIMD2(2 * Double(generator.uniform()) - 1, 2 * Double(generator.uniform()) - 1)
    }
    AffineMap(from: moved, to: places)?.apply(to: &picture, edge: .mirror)
  }
}
