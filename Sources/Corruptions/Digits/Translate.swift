import Tensors

/// The digit is shifted along both axes.
enum Translate: Corruption {
  static let name = "translate"

  /// How far, in pixels of a picture of 28; others move by whole pixels as much of their longer side.
  static let strengths: [CorruptionSuite: [Int]] = [.mnistC: [1, 2, 3, 4, 5]]

  static func apply(to picture: inout Picture, _ pixels: Int, drawing generator: inout Philox) {
    let distance = (Double(pixels * picture.side) / 28).rounded()
    let (right, down) = (generator.sign() * distance, generator.sign() * distance)
    Warp.apply(to: &picture) { row, column in
      (Float(Double(row) + down), Float(Double(column) + right))
    }
  }
}
