import Tensors

/// Falling snow before a scene that has become paler.
enum Snow: Corruption {
  static let name = "snow"

  struct Strength: Sendable {
    /// The mean of the noise that flakes are made of, in shares of the range.
    let mean: Float
    /// Its standard deviation.
    let deviation: Float
    /// By what flakes are larger than pixels.
    let zoom: Double
    /// From which noise on there is a flake.
    let threshold: Float
    /// How flakes fall.
    let fall: MotionFilter
    /// The share of the scene that does not become paler.
    let share: Float
    /// What is kept of the enlarged noise.
    let part: Zoom.Part
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: table(
      .middle,
      [
        (0.1, 0.2, 1, 0.6, 8, 3, 0.95), (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9), (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
      ]),
    .imagenetC: table(
      .whole,
      [
        (0.1, 0.3, 3, 0.5, 10, 4, 0.8), (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
        (0.55, 0.3, 4, 0.9, 12, 8, 0.7), (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
      ]),
  ]

  private static func table(
    _ part: Zoom.Part, _ rows: [(Float, Float, Double, Float, Int, Double, Float)]
  ) -> [Strength] {
    rows.map {
      Strength(
        mean: $0, deviation: $1, zoom: $2, threshold: $3,
        fall: MotionFilter(radius: $4, deviation: $5), share: $6, part: part)
    }
  }

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    let flakes = flakes(picture.height, picture.width, strength, &generator)
    let luma = picture.luma
    let (area, share) = (picture.area, strength.share)
    for place in 0..<area {
      // Flakes come twice, the second time turned by half a turn.
      let snow = flakes[place] + flakes[area - 1 - place]
      let pale = luma[place] * 1.5 + 127.5
      for index in stride(from: place, to: picture.levels.count, by: area) {
        let level = picture.levels[index]
        picture.levels[index] = share * level + (1 - share) * max(level, pale) + snow
      }
    }
  }

  /// A level for each pixel, most of them 0.
  private static func flakes(
    _ height: Int, _ width: Int, _ strength: Strength, _ generator: inout Philox
  ) -> [Float] {
    let rows = Zoom(height, by: strength.zoom, keeping: strength.part)
    let columns = Zoom(width, by: strength.zoom, keeping: strength.part)
    // Only the middle is enlarged, so nothing else is drawn.
    var normals = NormalStream(generator)
    let noise = Plane(height: height, width: width) {
      255 * (strength.mean + strength.deviation * normals.next())
    }
    var layer = [Float](repeating: 0, count: rows.count * columns.count)
    noise.values.withUnsafeBufferPointer { noise in
      layer.withUnsafeMutableBufferPointer { layer in
        Zoom.add(
          noise.baseAddress.unsafelyUnwrapped, width: width, rows, columns,
          to: layer.baseAddress.unsafelyUnwrapped)
      }
    }
    let isRoundedFirst = strength.part == .middle
    for index in layer.indices {
      let level = layer[index] < 255 * strength.threshold ? 0 : min(layer[index], 255)
      layer[index] = isRoundedFirst ? level.rounded(.down) : level
    }
    strength.fall.apply(
      to: &layer, height: rows.count, width: columns.count,
      angle: -135 + 90 * Double(generator.uniform()))
    return (0..<height * width).map { layer[$0 / width * columns.count + $0 % width].rounded() }
  }
}
