import Platform
import Tensors

/// The digit is turned to the left or to the right.
enum Rotate: Corruption {
  static let name = "rotate"

  /// The angle in radians.
  static let strengths: [CorruptionSuite: [Double]] = [.mnistC: [0.2, 0.4, 0.6, 0.8, 1]]

  static func apply(to picture: inout Picture, _ angle: Double, drawing generator: inout Philox) {
    let angle = generator.sign() * angle
    AffineMap(cos(angle), -sin(angle), sin(angle), cos(angle), around: picture).apply(to: &picture)
  }
}
