import Tensors

/// Less contrast: each channel comes nearer to its mean.
enum Contrast: Corruption {
  static let name = "contrast"
  static let isDrawn = false

  /// The share of the contrast that is left.
  static let strengths: [CorruptionSuite: [Float]] = [
    .cifar10C: [0.75, 0.5, 0.4, 0.3, 0.15],
    .imagenetC: [0.4, 0.3, 0.2, 0.1, 0.05],
  ]

  static func apply(to picture: inout Picture, _ share: Float, drawing generator: inout Philox) {
    let area = picture.area
    for channel in 0..<picture.channels {
      let range = channel * area..<(channel + 1) * area
      // In double precision, so that large pictures keep their mean.
      let mean = Float(picture.levels[range].reduce(0.0) { $0 + Double($1) } / Double(area))
      for index in range { picture.levels[index] = (picture.levels[index] - mean) * share + mean }
    }
  }
}
