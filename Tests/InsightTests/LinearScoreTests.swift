import Insight
import Models
import Datasets
import Tensors
import Testing

/// The closed forms of linear scores, in double precision and whatever the range of the data.
@Suite struct LinearScoreTests {
  private static let sizes = [49, 196, 784, 3136, 12_544]

  private static func score(_ count: Int, draw: Int = 0) -> LinearScore {
    var generator = RandomKey(seed: 5).child(count).child(draw).generator
    return LinearScore(
      weights: generator.normals([count]).scalars.map(Double.init), offset: 0.25)
  }

  private static func input(_ count: Int) -> [Double] {
    var generator = RandomKey(seed: 6).child(count).generator
    return generator.uniforms([count]).scalars.map(Double.init)
  }

  @Test(arguments: sizes)
  func theShiftIsTheClosedForm(count: Int) {
    let (score, input) = (Self.score(count), Self.input(count))
    for size in [1e-3, 0.25, 3] {
      let shift = score.value(at: score.moved(input, by: size)) - score.value(at: input)
      let prediction = size * score.weights.reduce(0) { $0 + abs($1) }
      #expect(score.largestShift(size: size) == prediction)
      #expect(abs(shift - prediction) <= 1e-6 * prediction)
      let back = score.value(at: score.moved(input, by: -size)) - score.value(at: input)
      #expect(abs(back + prediction) <= 1e-6 * prediction)
    }
  }

  @Test func noChangeOfThatSizeShiftsFarther() {
    // All 2^10 corners of the box.
    let (score, input) = (Self.score(10), Self.input(10))
    let before = score.value(at: input)
    let shifts = (0..<1024).map { corner in
      score.value(at: input.indices.map { input[$0] + (corner >> $0 & 1 == 1 ? 0.1 : -0.1) })
        - before
    }
    #expect(abs((shifts.max() ?? 0) - score.largestShift(size: 0.1)) < 1e-12)
  }

  /// Shifts of random signs, whose moments are known.
  ///
  /// The mean of n shifts is normal with deviation s / sqrt(n), their mean square has the deviation s^2 sqrt(2 / n) at
  /// most, as that of normal numbers: five deviations each are exceeded with a probability below 1e-6 for a seed. Ten such
  /// comparisons: below 2e-5 in all.
  @Test(arguments: sizes)
  func noiseHasMeanZeroAndThePredictedDeviation(count: Int) {
    let (score, input) = (Self.score(count), Self.input(count))
    var generator = RandomKey(seed: 7).child(count).generator
    let number = 4000
    let shifts = score.noiseShifts(at: input, size: 0.25, count: number, using: &generator)
    let deviation = 0.25 * score.norm2
    #expect(score.noiseDeviation(size: 0.25) == deviation)
    let mean = shifts.reduce(0, +) / Double(number)
    #expect(abs(mean) < 5 * deviation / Double(number).squareRoot())
    let square = shifts.reduce(0) { $0 + $1 * $1 } / Double(number)
    #expect(
      abs(square - deviation * deviation)
        < 5 * deviation * deviation * (2 / Double(number)).squareRoot())
  }

  /// The same for changes that are uniform on the sphere of the radius that signs have, eps sqrt(n).
  @Test func noiseOnTheSphereHasTheSameDeviation() {
    let count = 784
    let score = Self.score(count)
    var generator = RandomKey(seed: 8).generator
    let number = 4000
    let radius = 0.25 * Double(count).squareRoot()
    let shifts = (0..<number).map { _ in
      let direction = generator.normals([count]).scalars.map(Double.init)
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return zip(score.weights, direction).reduce(0) { $0 + $1.0 * $1.1 } * radius / length
    }
    let deviation = score.noiseDeviation(size: 0.25)
    #expect(abs(deviation - radius * score.norm2 / Double(count).squareRoot()) < 1e-12)
    let mean = shifts.reduce(0, +) / Double(number)
    #expect(abs(mean) < 5 * deviation / Double(number).squareRoot())
    let square = shifts.reduce(0) { $0 + $1 * $1 } / Double(number)
    #expect(
      abs(square / (deviation * deviation) - 1) < 5 * (2 / Double(number)).squareRoot())
  }

  @Test func theRatioGrowsWithTheRoot() throws {
    let rows = Self.sizes.flatMap { count in
      (0..<16).map { draw in
        DimensionRow(
          "normal", Self.score(count, draw: draw), draw: draw, at: [Self.input(count)], size: 0.25,
          noiseCount: 100, accuracy: nil, key: RandomKey(seed: 9).child(count).child(draw))
      }
    }
    #expect(rows.allSatisfy { ($0.shiftError ?? 1) < 1e-6 })
    let predicted = LogLogFit(rows.map { (x: Double($0.dimensions), y: $0.predictedRatio) })
    #expect(abs(predicted.slope - 0.5) < 0.02)
    #expect(try #require(predicted.upper) - predicted.slope < 0.02)
    let measured = LogLogFit(rows.map { (x: Double($0.dimensions), y: $0.ratio) })
    #expect(abs(measured.slope - 0.5) < 0.02)
    // sqrt(2 n / pi) in the limit.
    #expect(abs(predicted.value(at: 784) / (2 * 784 / Double.pi).squareRoot() - 1) < 0.02)
  }

  @Test func anAffineNetworkIsALinearScore() async throws {
    let shape: Shape = [1, 6, 6]
    var generator = RandomKey(seed: 10).generator
    let weights = generator.normals([2, 36])
    let model = AffineModel(
      inputShape: shape, weights: weights, biases: Tensor([5, 0], shape: [2]))
    let lead = LinearScore(
      weights: (0..<36).map { Double(weights[$0]) - Double(weights[36 + $0]) }, offset: 5)
    let examples = (0..<20).map { index in
      Example(index: index, input: 0.1 * generator.uniforms(shape), label: 0)
    }
    let row = try await DimensionRow(
      "affine", model, draw: 0, on: examples, size: 0.1, noiseCount: 50, accuracy: 1,
      key: RandomKey(seed: 11))
    #expect(abs(row.predictedShift / lead.largestShift(size: 0.1) - 1) < 1e-5)
    #expect(abs(row.shift / lead.largestShift(size: 0.1) - 1) < 1e-4)
    #expect(abs(row.predictedNoise / lead.noiseDeviation(size: 0.1) - 1) < 1e-5)
    #expect(abs(row.noise / lead.noiseDeviation(size: 0.1) - 1) < 5 * (2 / 1000.0).squareRoot())
    let lines = try await AttackedLine.scan(model, on: examples, reach: 0.5)
    #expect(lines.count == 20)
    for line in lines {
      #expect(line.linearity > 1 - 1e-6 && line.tangentError < 1e-4 && line.knots == [0, 100])
      #expect(abs(line.slope + lead.norm1) < 1e-3)
    }
  }
}
