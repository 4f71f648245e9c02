import Tensors

/// Drops of water or splashes of mud on the lens.
enum Spatter: Corruption {
  static let name = "spatter"

  struct Strength: Sendable {
    /// The mean of the noise that drops are made of, in shares of the range.
    let mean: Float
    /// Its standard deviation.
    let deviation: Float
    /// How it is blurred.
    let filter: GaussianFilter
    /// From which noise on there is a drop.
    let threshold: Float
    let liquid: Liquid
    /// The level of mud on grey pictures.
    let grey: Float
  }

  enum Liquid: Sendable {
    /// How bright it is.
    case water(Float)
    /// How its splashes are blurred.
    case mud(GaussianFilter)
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [
      strength(0.62, 0.1, 0.7, 0.7, .water(0.5)), strength(0.65, 0.1, 0.8, 0.7, .water(0.5)),
      strength(0.65, 0.3, 1, 0.69, .water(0.5)), strength(0.65, 0.1, 0.7, 0.69, mud(0.6)),
      strength(0.65, 0.1, 0.5, 0.68, mud(0.6)),
    ],
    .imagenetC: [
      strength(0.65, 0.3, 4, 0.69, .water(0.6)), strength(0.65, 0.3, 3, 0.68, .water(0.6)),
      strength(0.65, 0.3, 2, 0.68, .water(0.5)), strength(0.65, 0.3, 1, 0.65, mud(1.5)),
      strength(0.67, 0.4, 1, 0.65, mud(1.5)),
    ],
    .mnistC: [
      strength(0.65, 0.3, 4, 0.69, mud(0.6), grey: 63),
      strength(0.65, 0.3, 3, 0.68, mud(0.6), grey: 63),
      strength(0.65, 0.3, 2, 0.68, mud(0.5), grey: 63),
      strength(0.65, 0.3, 1, 0.65, mud(1.5), grey: 63),
      strength(0.67, 0.4, 1, 0.65, mud(1.5), grey: 63),
    ],
  ]

  private static func mud(_ deviation: Double) -> Liquid {
    .mud(GaussianFilter(deviation: deviation))
  }

  private static func strength(
    _ mean: Float, _ deviation: Float, _ blur: Double, _ threshold: Float, _ liquid: Liquid,
    grey: Float = 0.2989 * 63 + 0.587 * 42 + 0.114 * 20
  ) -> Strength {
    Strength(
      mean: mean, deviation: deviation, filter: GaussianFilter(deviation: blur),
      threshold: threshold, liquid: liquid, grey: grey)
  }

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    var normals = NormalStream(generator)
    var layer = Plane(height: picture.height, width: picture.width) {
      strength.mean + strength.deviation * normals.next()
    }
    strength.filter.apply(to: &layer)
    switch strength.liquid {
    case .water(let brightness):
      add(layer, strength.threshold, brightness, to: &picture)
    case .mud(let filter):
      cover(&picture, layer, strength.threshold, filter, strength.grey)
    }
  }

  /// Lays pale turquoise drops with a lit side over the picture.
  private static func add(
    _ layer: Plane, _ threshold: Float, _ brightness: Float, to picture: inout Picture
  ) {
    let (height, width) = (layer.height, layer.width)
    let liquid = BytePlane(
      height: height, width: width,
      values: layer.values.map { $0 < threshold ? 0 : Int32(min($0 * 255, 255)) })
    let distances = ChamferDistance.distances(
      to: liquid.edges(low: 50, high: 150), height: height, width: width, limit: 20)
    let light = boxBlurred(distances, height, width).equalized()
      .filtered([-2, -1, 0, -1, 1, 1, 0, 1, 2]).boxBlurred()
    let depths = zip(liquid.values, light.values).map { Float($0 * $1) }
    guard let most = depths.max(), most > 0 else { return }
    let color: [Float] =
      picture.channels == 3
      ? [175, 238, 238] : [0.2989 * 175 + 0.587 * 238 + 0.114 * 238]
    for index in picture.levels.indices {
      picture.levels[index] +=
        brightness * depths[index % picture.area] / most * color[index / picture.area]
    }
  }

  /// Distances blurred by a box of 3 x 3 and rounded down to bytes.
  private static func boxBlurred(_ distances: [Float], _ height: Int, _ width: Int) -> BytePlane {
    // In 4096ths of a pixel, so that the sums are whole numbers.
    let parts = BytePlane(
      height: height, width: width, values: distances.map { Int32(($0 * 4096).rounded()) })
    return BytePlane(
      height: height, width: width,
      values: parts.sums([1, 1, 1, 1, 1, 1, 1, 1, 1]).map { $0 / (9 * 4096) })
  }

  /// Covers the picture where there is mud.
  private static func cover(
    _ picture: inout Picture, _ layer: Plane, _ threshold: Float, _ filter: GaussianFilter,
    _ grey: Float
  ) {
    var mud = Plane(
      height: layer.height, width: layer.width,
      values: layer.values.map { $0 > threshold ? 1 : 0 })
    filter.apply(to: &mud)
    let color: [Float] = picture.channels == 3 ? [63, 42, 20] : [grey]
    let area = picture.area
    for index in picture.levels.indices {
      let share = mud.values[index % area]
      guard share >= 0.8 else { continue }
      picture.levels[index] = (1 - share) * picture.levels[index] + share * color[index / area]
    }
  }
}
