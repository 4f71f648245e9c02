import Tensors

/// More light: the value of hue, saturation and value grows, up to white.
enum Brightness: Corruption {
  static let name = "brightness"
  static let isDrawn = false

  /// What is added, in shares of the range.
  static let strengths: [CorruptionSuite: [Float]] = [
    .cifar10C: [0.05, 0.1, 0.15, 0.2, 0.3],
    .imagenetC: [0.1, 0.2, 0.3, 0.4, 0.5],
    .mnistC: [0.1, 0.2, 0.3, 0.4, 0.5],
  ]

  static func apply(to picture: inout Picture, _ amount: Float, drawing generator: inout Philox) {
    let area = picture.area
    for place in 0..<area {
      let indices = stride(from: place, to: picture.levels.count, by: area)
      let value = indices.reduce(0) { max($0, picture.levels[$1]) }
      let brighter = min(value + 255 * amount, 255)
      // Hue and saturation are kept where all channels grow in proportion; black has none.
      for index in indices {
        picture.levels[index] = value > 0 ? picture.levels[index] * (brighter / value) : brighter
      }
    }
  }
}
