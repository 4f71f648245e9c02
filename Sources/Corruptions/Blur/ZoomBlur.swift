import Tensors

/// The mean of the picture and of enlargements of its middle, as of a camera that moves ahead.
enum ZoomBlur: Corruption {
  static let name = "zoom_blur"
  static let isDrawn = false

  struct Strength: Sendable {
    /// The factors of the enlargements.
    let factors: [Double]
    /// What is kept of each.
    let part: Zoom.Part

    /// Factors from 1 on by a step, below a limit, as many as NumPy's `arange` makes in its rounding.
    init(to limit: Double, by step: Double, _ part: Zoom.Part) {
      // NumPy steps by the difference of the first two factors, which decides how half pixels are rounded.
      let difference = (1 + step) - 1
      factors = (0..<Int(((limit - 1) / step).rounded(.up))).map { 1 + Double($0) * difference }
      self.part = part
    }
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [1.06, 1.11, 1.16, 1.21, 1.26].map { Strength(to: $0, by: 0.01, .middle) },
    .imagenetC: [(1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)].map {
      Strength(to: $0, by: $1, .first)
    },
  ]

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    let (area, width) = (picture.area, picture.width)
    var sums = picture.levels
    for factor in strength.factors {
      let rows = Zoom(picture.height, by: factor, keeping: strength.part)
      let columns = Zoom(width, by: factor, keeping: strength.part)
      picture.levels.withUnsafeBufferPointer { levels in
        sums.withUnsafeMutableBufferPointer { sums in
          for channel in 0..<levels.count / area {
            Zoom.add(
              levels.baseAddress.unsafelyUnwrapped + channel * area, width: width, rows, columns,
              to: sums.baseAddress.unsafelyUnwrapped + channel * area)
          }
        }
      }
    }
    let share = 1 / Float(strength.factors.count + 1)
    for index in sums.indices { picture.levels[index] = sums[index] * share }
  }
}
