import Tensors

/// A kind of frost, as statistics of one of the reference's photographs.
struct FrostPane: Sendable {
  /// The mean levels of red, green and blue.
  let mean: SIMD3<Float>
  /// Their standard deviations.
  let deviation: SIMD3<Float>
  /// The size of a feather of needles, in pixels of the photograph.
  private let grain: Float
  /// Whether there are streaks instead of feathers.
  private let isSoft: Bool
  /// The share of clouds in the variance, which makes parts of a pane differ.
  private let clouds: Float
  /// Grey levels below which are 0, 5, 25, 50, 75, 95 and 100 % of the photograph's pixels.
  private let quantiles: [Float]
  /// What the pattern becomes, whose mean is 0 and whose deviation is 1.
  private let spread: LevelSpread

  /// The five panes of the reference, one of which it has twice.
  static let all = [teal, white, white, windswept, dark]

  private static let teal = FrostPane(
    mean: [77.7, 149.1, 165.7], deviation: [26.9, 16.5, 15.3], grain: 70, clouds: 0.42,
    isSoft: true,
    quantiles: [81, 102, 116, 128, 141, 163, 220])
  private static let white = FrostPane(
    mean: [200.8, 205.4, 214.5], deviation: [21.4, 22.1, 22.6], grain: 60, clouds: 0.14,
    quantiles: [56, 165, 193, 208, 220, 235, 254])
  private static let windswept = FrostPane(
    mean: [137.6, 152.8, 165.2], deviation: [28.5, 28.5, 29.9], grain: 24, clouds: 0.1,
    quantiles: [22, 102, 132, 150, 167, 196, 254])
  private static let dark = FrostPane(
    mean: [112.4, 123.4, 134.8], deviation: [44.4, 43.3, 41.7], grain: 50, clouds: 0.13,
    quantiles: [23, 58, 89, 117, 149, 202, 255])

  private init(
    mean: SIMD3<Float>, deviation: SIMD3<Float>, grain: Float, clouds: Float,
    isSoft: Bool = false, quantiles: [Float]
  ) {
    (self.mean, self.deviation, self.grain) = (mean, deviation, grain)
    self.isSoft = isSoft
    (self.clouds, self.quantiles) = (clouds, quantiles)
    // Patterns of their own, so many that their ranks are those of others.
    var generator = RandomKey(seed: 0).child("frost").generator
    let samples = (0..<128).flatMap { _ in
      FrostPattern(
        height: 12, width: 12, grain: 9, clouds: clouds, isSoft: isSoft, drawing: &generator
      ).values
    }
    spread = LevelSpread(samples, quantiles: quantiles)
  }

  /// The mean and the standard deviation of luma.
  var grey: (Float, Float) {
    let weights: SIMD3<Float> = [0.299, 0.587, 0.114]
    return ((weights * mean).sum(), (weights * deviation).sum())
  }

  /// Ice with a mean of 0 and a deviation of 1 over many draws.
  ///
  /// - Parameters:
  ///   - height: Rows.
  ///   - width: Pixels in a row.
  ///   - scale: Pixels for each of the photograph's.
  ///   - generator: Where it draws from.
  /// - Returns: One value for each pixel.
  func ice(
    height: Int, width: Int, scale: Float, drawing generator: inout Philox
  ) -> Plane {
    let pattern = FrostPattern(
      height: height, width: width, grain: grain * scale, clouds: clouds, isSoft: isSoft,
      drawing: &generator)
    return Plane(height: height, width: width, values: pattern.values.map { spread.value(of: $0) })
  }
}

/// Turns values of one distribution into those of another that is told by seven quantiles.
private struct LevelSpread: Sendable {
  private static let count = 512
  private let least: Float
  private let scale: Float
  private let values: [Float]

  init(_ samples: [Float], quantiles: [Float]) {
    let sorted = samples.sorted()
    let (first, last) = (sorted[0], sorted[sorted.count - 1])
    (least, scale) = (first, Float(LevelSpread.count - 1) / (last - first))
    let shares: [Float] = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]
    func level(_ share: Float) -> Float {
      let next = shares.firstIndex { $0 > share } ?? shares.count - 1
      let part = (share - shares[next - 1]) / (shares[next] - shares[next - 1])
      return quantiles[next - 1] + part * (quantiles[next] - quantiles[next - 1])
    }
    var table: [Float] = []
    var rank = 0
    for index in 0..<LevelSpread.count {
      let value = first + Float(index) / scale
      while rank < sorted.count - 1, sorted[rank] < value { rank += 1 }
      table.append(level(Float(rank) / Float(sorted.count - 1)))
    }
    let steps = scale
    let levels = sorted.map { table[Int(($0 - first) * steps)] }
    let mean = levels.reduce(0, +) / Float(levels.count)
    let variance = levels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(levels.count)
    values = table.map { ($0 - mean) / variance.squareRoot() }
  }

  func value(of sample: Float) -> Float {
    values[Int(min(max((sample - least) * scale, 0), Float(LevelSpread.count - 1)))]
  }
}
