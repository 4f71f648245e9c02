import Images
import Tensors

/// Fewer pixels: the picture is made smaller by boxes, and as large as before again.
enum Pixelate: Corruption {
  static let name = "pixelate"
  static let isDrawn = false

  struct Strength: Sendable {
    /// The share of each side that is left.
    let share: Double
    /// How the small picture is enlarged.
    let filter: Bitmap.Filter
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [0.95, 0.9, 0.85, 0.75, 0.65].map { Strength(share: $0, filter: .box) },
    .imagenetC: [0.6, 0.5, 0.4, 0.3, 0.25].map { Strength(share: $0, filter: .nearest) },
  ]

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    let small = picture.bitmap.resized(
      width: max(1, Int(Double(picture.width) * strength.share)),
      height: max(1, Int(Double(picture.height) * strength.share)), by: .box)
    picture.bitmap = small.resized(
      width: picture.width, height: picture.height, by: strength.filter)
  }
}
