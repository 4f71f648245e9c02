import Corruptions
import Platform
import Tensors

/// Pictures to be corrupted.
enum TestPictures {
  /// Bytes drawn at random.
  static func random(_ shape: Shape, seed: UInt64 = 7) -> Tensor<Float> {
    var generator = RandomKey(seed: seed).generator
    return Tensor(
      (0..<shape.count).map { _ in Float(generator.integer(below: 256)) / 255 }, shape: shape)
  }

  /// Soft waves and a bright square, which have structure at all scales.
  static func scene(_ side: Int, channels: Int = 3) -> Tensor<Float> {
    var levels: [Float] = []
    for channel in 0..<channels {
      for row in 0..<side {
        for column in 0..<side {
          let (x, y) = (Double(column) / Double(side), Double(row) / Double(side))
          let wave = 0.4 + 0.2 * sin(9 * x + Double(channel)) * cos(7 * y) + 0.1 * sin(41 * (x + y))
          let isBright = 0.3...0.6 ~= x && 0.35...0.7 ~= y
          levels.append((Float(wave + (isBright ? 0.3 : 0)) * 255).rounded() / 255)
        }
      }
    }
    return Tensor(levels, shape: [channels, side, side])
  }

  /// Every corruption of every suite at each of its severities.
  static let cells: [CorruptionGrid.Cell] = CorruptionSuite.allCases.flatMap { suite in
    CorruptionRow.rows(of: suite).flatMap { row in
      row.severities(in: suite).map { CorruptionGrid.Cell(row, severity: $0, in: suite) }
    }
  }

  /// The mean squared difference of two pictures.
  static func error(_ one: Tensor<Float>, _ other: Tensor<Float>) -> Double {
    zip(one.scalars, other.scalars).reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
      / Double(one.count)
  }

  /// A key by number.
  static func key(_ number: Int) -> RandomKey { RandomKey(seed: 5).child(number) }
}
