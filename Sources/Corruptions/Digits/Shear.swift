import Platform
import Tensors

/// The digit leans to the left or to the right.
enum Shear: Corruption {
  static let name = "shear"

  /// The angle in radians.
  static let strengths: [CorruptionSuite: [Double]] = [.mnistC: [0.2, 0.4, 0.6, 0.8, 1]]

  static func apply(to picture: inout Picture, _ angle: Double, drawing generator: inout Philox) {
    let angle = generator.sign() * angle
    // The matrix that scikit-image had for a shear until 0.18.
    AffineMap(1, -sin(angle), 0, cos(angle), around: picture).apply(to: &picture)
  }
}

extension Philox {
  /// Minus 1 or 1, as a coin falls.
  mutating func sign() -> Double { next32() & 1 == 0 ? -1 : 1 }
}
