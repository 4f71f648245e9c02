import Tensors

/// Poisson noise, as of few photons.
enum ShotNoise: Corruption {
  static let name = "shot_noise"

  /// For each level how counts are drawn, white being the mean count.
  static let strengths: [CorruptionSuite: [PhotonCounts]] = [
    .cifar10C: [500, 250, 100, 75, 50].map { PhotonCounts(white: $0) },
    .imagenetC: photographs,
    .mnistC: photographs,
  ]

  private static let photographs = [60, 25, 12, 5, 3].map { PhotonCounts(white: $0) }

  static func apply(
    to picture: inout Picture, _ counts: PhotonCounts, drawing generator: inout Philox
  ) {
    for index in picture.levels.indices {
      picture.levels[index] = counts.level(
        of: Int(picture.levels[index]), at: generator.next32())
    }
  }
}

/// The distribution functions of Poisson counts whose means are 256 levels, for drawing by inversion.
///
/// Counts from that of white on are all drawn as white, for they are clipped.
struct PhotonCounts: Sendable {
  private let white: Int
  /// For each level and each count below white's, the chance of at most so many, times 2^32.
  private let chances: [UInt32]
  /// For each level and each 32nd of the chances, the first count that may be meant.
  private let guides: [UInt16]

  /// Counts of which white has `white` in the mean.
  init(white: Int) {
    self.white = white
    var chances: [UInt32] = []
    var guides: [UInt16] = []
    for level in 0...255 {
      let mean = Double(white) * Double(level) / 255
      var (term, sum) = (Double.exp(-mean), 0.0)
      var row: [UInt32] = []
      for count in 0..<white {
        if count > 0 { term *= mean / Double(count) }
        sum += term
        row.append(UInt32(min(sum, 1) * Double(UInt32.max)))
      }
      for part in 0..<32 {
        let least = UInt32(part) << 27
        guides.append(UInt16(row.firstIndex { $0 >= least } ?? white))
      }
      chances += row
    }
    self.chances = chances
    self.guides = guides
  }

  /// The level drawn for one level by 32 uniform bits.
  func level(of level: Int, at draw: UInt32) -> Float {
    var count = Int(guides[level << 5 | Int(draw >> 27)])
    let start = level * white
    while count < white, chances[start + count] < draw { count += 1 }
    return 255 * Float(count) / Float(white)
  }
}
