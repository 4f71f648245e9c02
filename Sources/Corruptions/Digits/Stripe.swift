import Tensors

/// The outer quarters of each row are inverted.
enum Stripe: Corruption {
  static let name = "stripe"
  static let isDrawn = false

  static let strengths: [CorruptionSuite: [Void]] = [.mnistC: [()]]

  static func apply(to picture: inout Picture, _ strength: Void, drawing generator: inout Philox) {
    let width = picture.width
    let middle = width / 4..<width * 3 / 4
    for index in picture.levels.indices where !middle.contains(index % width) {
      picture.levels[index] = 255 - picture.levels[index]
    }
  }
}
