import Tensors

/// Neighbours change places at random between two blurs, as behind frosted glass.
enum GlassBlur: Corruption {
  static let name = "glass_blur"

  struct Strength: Sendable {
    let filter: GaussianFilter
    /// How far a neighbour may be, in pixels.
    let reach: Int
    let rounds: Int
    /// Whether a pixel changes places with its neighbour, half of the times, as in MNIST-C.
    ///
    /// In the other two suites it only takes the neighbour's colour: their exchange of the views of two pixels of NumPy
    /// overwrites the first before it is read.
    let isExchange: Bool

    init(_ deviation: Double, _ reach: Int, _ rounds: Int, isExchange: Bool = false) {
      filter = GaussianFilter(deviation: deviation)
      self.reach = reach
      self.rounds = rounds
      self.isExchange = isExchange
    }
  }

  static let strengths: [CorruptionSuite: [Strength]] = [
    .cifar10C: [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)].map {
      Strength($0, $1, $2)
    },
    .imagenetC: photographs.map { Strength($0, $1, $2) },
    .mnistC: photographs.map { Strength($0, $1, $2, isExchange: true) },
  ]

  private static let photographs = [
    (0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2),
  ]

  static func apply(
    to picture: inout Picture, _ strength: Strength, drawing generator: inout Philox
  ) {
    strength.filter.apply(to: &picture)
    picture.roundDown()
    for _ in 0..<strength.rounds { shuffle(&picture, strength, &generator) }
    strength.filter.apply(to: &picture)
  }

  /// Goes through the pixels from the last one on.
  private static func shuffle(
    _ picture: inout Picture, _ strength: Strength, _ generator: inout Philox
  ) {
    let (reach, isExchange) = (strength.reach, strength.isExchange)
    let (height, width, area) = (picture.height, picture.width, picture.area)
    let (rows, columns) = (height - reach, width - reach)
    guard rows > reach, columns > reach else { return }
    let choices = UInt32(2 * reach)
    picture.levels.withUnsafeMutableBufferPointer { levels in
      for row in stride(from: rows, to: reach, by: -1) {
        for column in stride(from: columns, to: reach, by: -1) {
          // 15 bits for each of two numbers below 8, and one for the coin.
          let draw = generator.next32()
          if isExchange, draw & 1 == 0 { continue }
          let right = Int(((draw >> 2 & 0x7FFF) &* choices) >> 15) - reach
          let down = Int(((draw >> 17) &* choices) >> 15) - reach
          var (own, other) = (row * width + column, (row + down) * width + column + right)
          while own < levels.count {
            let value = levels[own]
            levels[own] = levels[other]
            if isExchange { levels[other] = value }
            own += area
            other += area
          }
        }
      }
    }
  }
}
