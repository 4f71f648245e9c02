import Tensors

/// Frost on a window before the scene.
///
/// The reference lays parts of five photographs over the picture. Here panes are drawn: feathers of needles in random
/// directions below clouds of haze, whose levels are spread as those of the photographs are (`FrostPane`).
enum Frost: Corruption {
  static let name = "frost"

  struct Strength: Sendable {
    /// The share of the scene.
    let scene: Float
    /// The share of the frost, which is added.
    let frost: Float
    /// The size of a photograph's pixel on small pictures.
    let scale: Float
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [(1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)].map {
      Strength(scene: $0, frost: $1, scale: 0.2)
    },
    .imagenetC: [(1, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75)].map {
      Strength(scene: $0, frost: $1, scale: 1.1)
    },
  ]

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    let pane = FrostPane.all[generator.integer(below: FrostPane.all.count)]
    // Photographs are enlarged where they are smaller than the picture.
    let scale = strength.scale * max(1, Float(picture.side) / 400)
    let ice = pane.ice(
      height: picture.height, width: picture.width, scale: scale, drawing: &generator)
    let area = picture.area
    for channel in 0..<picture.channels {
      let (mean, deviation) =
        picture.channels == 3 ? (pane.mean[channel], pane.deviation[channel]) : pane.grey
      for place in 0..<area {
        let level = min(max(mean + deviation * ice.values[place], 0), 255)
        let index = channel * area + place
        picture.levels[index] = strength.scene * picture.levels[index] + strength.frost * level
      }
    }
  }
}
