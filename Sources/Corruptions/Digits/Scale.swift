import Tensors

/// The digit becomes smaller.
enum Scale: Corruption {
  static let name = "scale"
  static let isDrawn = false

  /// The share of its size that is left.
  static let strengths: [CorruptionSuite: [Double]] = [.mnistC: [0.9, 0.8, 0.7, 0.6, 0.5]]

  static func apply(to picture: inout Picture, _ share: Double, drawing generator: inout Philox) {
    AffineMap(1 / share, 0, 0, 1 / share, around: picture).apply(to: &picture)
  }
}
