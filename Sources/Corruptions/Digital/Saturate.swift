import Tensors

/// Paler or stronger colours: the saturation of hue, saturation and value changes.
///
/// Where it grows by an amount, grey turns red, the hue that stands for none; so it does in the reference.
enum Saturate: Corruption {
  static let name = "saturate"
  static let isDrawn = false

  struct Strength: Sendable {
    /// By what the saturation is multiplied.
    let factor: Float
    /// What is added then.
    let amount: Float
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [(0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)].map {
      Strength(factor: $0, amount: $1)
    },
    .imagenetC: [(0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2)].map {
      Strength(factor: $0, amount: $1)
    },
  ]

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    // Grey has no colours to change.
    guard picture.channels == 3 else { return }
    let area = picture.area
    for place in 0..<area {
      let (red, green, blue) = (place, area + place, 2 * area + place)
      let color = SIMD3(picture.levels[red], picture.levels[green], picture.levels[blue])
      let value = color.max()
      let spread = value - color.min()
      let saturation = value > 0 ? spread / value : 0
      let other = min(max(saturation * strength.factor + strength.amount, 0), 1)
      let changed =
        spread > 0
        ? value - (value - color) * (other / saturation)
        : SIMD3(value, value * (1 - other), value * (1 - other))
      (picture.levels[red], picture.levels[green], picture.levels[blue]) =
        (changed.x, changed.y, changed.z)
    }
  }
}
