import Corruptions
import Platform
import Tensors
import Testing

/// Corruptions that have a closed form, and the statistics of those that are drawn.
@Suite struct CorruptionFormulaTests {
  private func corrupted(
    _ name: String, _ severity: Int, _ suite: CorruptionSuite, _ picture: Tensor<Float>,
    _ number: Int = 0
  ) throws -> Tensor<Float> {
    try CorruptionRow.row(named: name, in: suite)
      .corrupted(picture, severity: severity, in: suite, key: TestPictures.key(number))
  }

  /// Levels rounded down, as the reference does; a hair may fall either way.
  private func expectLevels(
    _ made: Tensor<Float>, _ expected: [Double], slack: Double = 1e-3, _ what: String
  ) {
    for (place, value) in expected.enumerated() {
      let level = Double((made[place] * 255).rounded())
      let limited = min(max(value, 0), 255)
      #expect(
        level <= limited + slack && level > limited - 1 - slack,
        "\(what) at \(place): \(level), \(limited)")
    }
  }

  @Test(arguments: 1...5) func contrast(severity: Int) throws {
    let picture = TestPictures.random([3, 9, 14])
    let share = [0.75, 0.5, 0.4, 0.3, 0.15][severity - 1]
    let made = try corrupted("contrast", severity, .cifar10C, picture)
    let levels = picture.scalars.map { Double(($0 * 255).rounded()) }
    let expected = levels.indices.map { place in
      let start = place / 126 * 126
      let mean = levels[start..<start + 126].reduce(0, +) / 126
      return (levels[place] - mean) * share + mean
    }
    expectLevels(made, expected, "contrast \(severity)")
  }

  @Test(arguments: 1...5) func brightness(severity: Int) throws {
    let picture = TestPictures.random([3, 7, 11])
    let amount = [0.1, 0.2, 0.3, 0.4, 0.5][severity - 1] * 255
    let made = try corrupted("brightness", severity, .imagenetC, picture)
    let levels = picture.scalars.map { Double(($0 * 255).rounded()) }
    let expected = levels.indices.map { place -> Double in
      let value = stride(from: place % 77, to: 231, by: 77).map { levels[$0] }.max() ?? 0
      return levels[place] * min(value + amount, 255) / value
    }
    expectLevels(made, expected, "brightness \(severity)")
    let grey = TestPictures.random([1, 7, 11])
    expectLevels(
      try corrupted("brightness", severity, .mnistC, grey),
      grey.scalars.map { Double(($0 * 255).rounded()) + amount }, "grey \(severity)")
  }

  @Test(arguments: [(1, 1.0), (2, 2.0), (5, 6.0)])
  func gaussianBlur(severity: Int, deviation: Double) throws {
    let (height, width) = (11, 15)
    let picture = TestPictures.random([1, height, width])
    let made = try corrupted("gaussian_blur", severity, .imagenetC, picture)
    let radius = Int(4 * deviation + 0.5)
    var expected: [Double] = []
    for row in 0..<height {
      for column in 0..<width {
        var (sum, total) = (0.0, 0.0)
        for down in -radius...radius {
          for right in -radius...radius {
            let weight = exp(-Double(down * down + right * right) / (2 * deviation * deviation))
            let place =
              min(max(row + down, 0), height - 1) * width + min(max(column + right, 0), width - 1)
            sum += weight * Double((picture[place] * 255).rounded())
            total += weight
          }
        }
        expected.append(sum / total)
      }
    }
    expectLevels(made, expected, "gaussian_blur \(severity)")
  }

  @Test func pixelate() throws {
    // A quarter of 16 pixels: every block of four by four is its mean.
    let picture = TestPictures.random([1, 16, 16])
    let made = try corrupted("pixelate", 5, .imagenetC, picture)
    for row in 0..<16 {
      for column in 0..<16 {
        var sum: Float = 0
        for place in 0..<16 {
          sum += picture[(row / 4 * 4 + place / 4) * 16 + column / 4 * 4 + place % 4]
        }
        // Pillow rounds to bytes between rows and columns.
        #expect(abs(made[row * 16 + column] - sum / 16) <= 1.01 / 255)
      }
    }
  }

  @Test func stripe() throws {
    let picture = TestPictures.random([1, 28, 28])
    let made = try corrupted("stripe", 1, .mnistC, picture)
    for place in 0..<784 {
      let isMiddle = 7..<21 ~= place % 28
      #expect(abs(made[place] - (isMiddle ? picture[place] : 1 - picture[place])) < 1e-3)
    }
  }

  @Test(arguments: 1...5) func translate(severity: Int) throws {
    let picture = TestPictures.random([1, 28, 28])
    let made = try corrupted("translate", severity, .mnistC, picture, severity)
    let matches = [(-1, -1), (-1, 1), (1, -1), (1, 1)].count { down, right in
      (0..<784).allSatisfy { place in
        let (row, column) = (place / 28 + down * severity, place % 28 + right * severity)
        let isInside = 0..<28 ~= row && 0..<28 ~= column
        return made[place] == (isInside ? picture[row * 28 + column] : 0)
      }
    }
    #expect(matches == 1)
  }

  @Test("Half a turn of half a turn, and a scale of one half, leave the middle where it is")
  func geometry() throws {
    var scalars = [Float](repeating: 0, count: 29 * 29)
    scalars[14 * 29 + 14] = 1
    let dot = Tensor(scalars, shape: [1, 29, 29])
    for name in ["rotate", "shear", "scale"] {
      for severity in 1...5 {
        let made = try corrupted(name, severity, .mnistC, dot)
        #expect(made.indexOfMaximum == 14 * 29 + 14, "\(name) \(severity)")
      }
    }
  }

  @Test("The mean and the variance of noise are those of its formula")
  func noise() throws {
    let grey = Tensor(repeating: 102 / 255 as Float, shape: [1, 200, 200])
    func statistics(_ name: String, _ severity: Int, _ suite: CorruptionSuite) throws -> (
      Double, Double
    ) {
      let values = try corrupted(name, severity, suite, grey).scalars.map { Double($0) }
      let mean = values.reduce(0, +) / 40_000
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000)
    }
    // Rounding down takes half a level of the mean.
    let (level, half) = (0.4, 0.5 / 255)
    for (severity, deviation) in [0.04, 0.06, 0.08, 0.09, 0.10].enumerated() {
      let (mean, variance) = try statistics("gaussian_noise", severity + 1, .cifar10C)
      #expect(abs(mean - level + half) < 4 * deviation / 200)
      #expect(abs(variance / (deviation * deviation) - 1) < 0.04)
    }
    for (severity, share) in [0.06, 0.1, 0.12, 0.16, 0.2].enumerated() {
      let (mean, variance) = try statistics("speckle_noise", severity + 1, .cifar10C)
      #expect(abs(mean - level + half) < 4 * share * level / 200)
      #expect(abs(variance / (share * share * level * level) - 1) < 0.04)
    }
    for (severity, white) in [500.0, 250, 100, 75, 50].enumerated() {
      let (mean, variance) = try statistics("shot_noise", severity + 1, .cifar10C)
      #expect(abs(mean - level + half) < 4 * (level / white).squareRoot() / 200 + half)
      #expect(abs(variance / (level / white) - 1) < 0.05)
    }
    for (severity, share) in [0.01, 0.02, 0.03, 0.05, 0.07].enumerated() {
      let values = try corrupted("impulse_noise", severity + 1, .cifar10C, grey).scalars
      let (black, white) = (values.count { $0 == 0 }, values.count { $0 == 1 })
      for count in [black, white] {
        #expect(abs(Double(count) - 20_000 * share) < 4 * (20_000 * share).squareRoot())
      }
      #expect(values.count { abs($0 - 102 / 255) < 1e-6 } == 40_000 - black - white)
    }
  }

  @Test("Glass moves every colour of a pixel together")
  func glass() throws {
    let picture = TestPictures.random([3, 30, 30])
    // The filter of severity 1 is none, so what is left are pixels of the neighbourhood.
    let made = try corrupted("glass_blur", 1, .cifar10C, picture)
    func pixel(_ picture: Tensor<Float>, _ place: Int) -> [Float] {
      [picture[place], picture[900 + place], picture[1800 + place]]
    }
    let known = Set((0..<900).map { pixel(picture, $0) })
    #expect((0..<900).allSatisfy { known.contains(pixel(made, $0)) })
    #expect(made != picture)
  }
}
