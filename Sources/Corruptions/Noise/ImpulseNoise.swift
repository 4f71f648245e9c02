import Tensors

/// Some values become black or white, as of broken elements of a sensor.
enum ImpulseNoise: Corruption {
  static let name = "impulse_noise"

  /// The share of values.
  static let strengths: [CorruptionSuite: [Double]] = [
    .cifar10C: [0.01, 0.02, 0.03, 0.05, 0.07],
    .imagenetC: photographs,
    .mnistC: photographs,
  ]

  private static let photographs = [0.03, 0.06, 0.09, 0.17, 0.27]

  static func apply(to picture: inout Picture, _ share: Double, drawing generator: inout Philox) {
    // One draw decides both: the lower half of the share is pepper, the upper one is salt.
    let limit = UInt32(share * 0x1p32)
    for index in picture.levels.indices {
      let draw = generator.next32()
      if draw < limit { picture.levels[index] = draw < limit / 2 ? 0 : 255 }
    }
  }
}
