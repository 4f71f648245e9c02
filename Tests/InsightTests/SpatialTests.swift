import Datasets
import Insight
import JSON
import Models
import Robustness
import Tensors
import TestSupport
import Testing

/// Grids of rotations and shifts, and what models read at all of their points.
@Suite struct SpatialTests {
  private static func threat(_ words: String) throws -> any ThreatModel {
    try ThreatReference(words).threat()
  }

  private static func grid(
    _ words: String, _ counts: [Int], shape: Shape = [1, 28, 28]
  ) throws -> ParameterGrid {
    ParameterGrid(
      of: try threat(words).region(around: .zeros(shape)), counts: counts)
  }

  @Test func thePublishedGrid() throws {
    let grid = try Self.grid("rotation:30+shift:3", [31, 5, 5])
    #expect(grid.count == 775)
    #expect(grid.axes[0] == (0..<31).map { Float(2 * $0 - 30) })
    #expect(grid.axes[1] == [-3, -1.5, 0, 1.5, 3] && grid.axes[2] == grid.axes[1])
    let points = (0..<775).map { grid.point($0).scalars }
    #expect(Set(points).count == 775 && points.contains([0, 0, 0]))
    #expect(
      points[0] == [-30, -3, -3] && points[1] == [-30, -3, -1.5] && points[774] == [30, 3, 3])
    let angles = grid.line(along: 0).map { points[$0] }
    #expect(angles == grid.axes[0].map { [$0, 0, 0] })
    #expect(grid.line(along: 2).map { points[$0] } == grid.axes[2].map { [0, 0, $0] })
    #expect(try Self.grid("rotation:30", [1]).axes == [[0]])
  }

  @Test func noChangeIsThePictureBitForBit() throws {
    let threat = try Self.threat("rotation:30+shift:3")
    let none = Tensor<Float>.zeros([3])
    let digits = try MNIST.load(.test)
    for place in 0..<digits.count {
      let picture = try digits.image(at: place)
      try #require(threat.apply(none, to: picture) == picture)
    }
    var generator = RandomKey(seed: 1).generator
    for shape in [[1, 1, 1], [3, 5, 9], [3, 32, 32]] as [Shape] {
      let picture = generator.uniforms(shape)
      #expect(threat.apply(none, to: picture) == picture)
    }
  }

  /// SciPy's bilinear reading, black outside.
  @Test func motionsAreThoseOfSciPy() throws {
    let fixture = try JSONValue(parsing: Fixtures.bytes("perception/perception.json"))
    let motions = try #require(fixture["motions"]?.arrayValue)
    #expect(motions.count == 6)
    let threat = try Self.threat("rotation:180+shift:5")
    let picture = SpatialTests.formulaPicture
    for motion in motions {
      let z = ["degrees", "down", "right"].map { Float(motion[$0]?.doubleValue ?? .nan) }
      let warped = threat.apply(Tensor(z, shape: [3]), to: picture)
      let numbers = try #require(motion["values"]?.arrayValue)
      let expected = numbers.compactMap(\.doubleValue)
      #expect(expected.count == 112)
      for (place, value) in expected.enumerated() {
        #expect(abs(Double(warped[7 * place]) - value) < 1e-4)
      }
    }
  }

  /// The second picture of the first case of `Scripts/perception_fixtures.py`.
  private static let formulaPicture: Tensor<Float> = {
    func uniform(_ seed: UInt64, _ place: Int) -> Double {
      var z = seed &+ (UInt64(place) + 1) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return Double((z ^ z >> 31) >> 40) * 0x1p-24
    }
    let values = (0..<784).map { place -> Float in
      let (row, column) = (place / 28, place % 28)
      let first = 0.2 + 0.6 * uniform(1, row / 4 * 28 + column / 4)
      return Float(min(max(first + 0.2 * (uniform(2, place) - 0.5), 0), 1))
    }
    return Tensor(values, shape: [1, 28, 28])
  }()

  @Test func aBlackCanvasLosesNothing() throws {
    let digits = try MNIST.load(.test).subset(offset: 0, count: 30)
    let threat = try Self.threat("rotation:30+shift:3")
    let margin = BlackCanvas.margin(side: 28, shift: 3)
    #expect(margin >= 9)
    let grid = try Self.grid("rotation:30+shift:3", [5, 3, 3])
    for place in 0..<30 {
      let digit = try digits.image(at: place)
      let canvas = BlackCanvas.padded(digit, rows: margin, columns: margin, black: 0)
      #expect(canvas.sum { Double($0) } == digit.sum { Double($0) })
      #expect(BlackCanvas.isWhole(canvas, rows: margin, columns: margin, black: 0))
      for number in 0..<grid.count {
        let z = grid.point(number)
        let (inside, outside) = (threat.apply(z, to: digit), threat.apply(z, to: canvas))
        // The middle of the canvas is the picture, and what is whole has lost no ink.
        var lost = outside.sum { Double($0) }
        for row in 0..<28 {
          for column in 0..<28 {
            let seen = outside[(row + margin) * (28 + 2 * margin) + column + margin]
            #expect(abs(seen - inside[row * 28 + column]) < 1e-4)
            lost -= Double(seen)
          }
        }
        let isWhole = BlackCanvas.isWhole(outside, rows: margin, columns: margin, black: 0)
        #expect(isWhole ? lost < 1e-4 : lost > 1e-7)
      }
    }
    let padded = try digits.onBlackCanvas([1, 46, 46])
    #expect(padded.exampleShape == [1, 46, 46] && padded.labels == digits.labels)
    #expect(
      try padded.image(at: 3)
        == BlackCanvas.padded(digits.image(at: 3), rows: 9, columns: 9, black: 0))
  }

  /// Pictures that look the same however they are turned: smooth rings about the middle, near it or far from it.
  private static func rings(_ count: Int) -> Dataset {
    var generator = RandomKey(seed: 2).generator
    var values: [Float] = []
    let labels = (0..<count).map { $0 % 2 }
    for label in labels {
      let radius = Double(label == 0 ? 3 : 9) + Double(generator.uniform())
      for place in 0..<784 {
        let (row, column) = (Double(place / 28) - 13.5, Double(place % 28) - 13.5)
        let distance = (row * row + column * column).squareRoot() - radius
        values.append(Float(Double.exp(-distance * distance / 4)))
      }
    }
    return Dataset(
      name: "rings", exampleShape: [1, 28, 28], values: values, labels: labels,
      classNames: ["near", "far"], bounds: 0...1)
  }

  /// A linear model whose weights depend on the distance from the middle alone, or on the column.
  private static func model(isRadial: Bool) -> AffineModel {
    let weights = (0..<784).map { place -> Float in
      let (row, column) = (Double(place / 28) - 13.5, Double(place % 28) - 13.5)
      return isRadial
        ? Float((6.5 - (row * row + column * column).squareRoot()) / 100)
        : Float(column / 100 + (abs(row) < 6 && abs(column) < 6 ? 0.05 : -0.02))
    }
    return AffineModel(
      inputShape: [1, 28, 28], weights: Tensor(weights + weights.map { -$0 }, shape: [2, 784]),
      biases: .zeros([2]))
  }

  @Test func radialFeaturesAreNeverFlippedByRotations() async throws {
    let rings = Self.rings(10)
    let threat = try Self.threat("rotation:180")
    let scan = try await GridScan(
      of: rings, by: Self.model(isRadial: true), threat: threat,
      grid: try Self.grid("rotation:180", [181]), margin: 8, batch: 64)
    #expect(scan.examples.count == 10 && scan.examples.allSatisfy(\.isRight))
    #expect(scan.examples.allSatisfy { $0.wrongPoints == 0 && $0.isRobust && $0.isRobustWhole })
    #expect(scan.right == [Int](repeating: 10, count: 181))
  }

  @Test func otherFeaturesAreFlipped() async throws {
    let digits = try MNIST.load(.test).subset(offset: 0, count: 40)
    let pair = digits.selection(digits.labels.indices.filter { digits.labels[$0] < 2 })
    let threat = try Self.threat("shift:10")
    let grid = try Self.grid("shift:10", [5, 5])
    let scan = try await GridScan(
      of: pair, by: Self.model(isRadial: false), threat: threat, grid: grid, margin: 20, batch: 7)
    #expect(scan.examples.contains { $0.wrongPoints > 0 && !$0.isRobust })
    var right = [Int](repeating: 0, count: grid.count)
    for (place, example) in scan.examples.enumerated() {
      // The same by hand, one point after the other.
      let input = try pair.image(at: place)
      let labels = try (0..<grid.count).map { point in
        try Self.model(isRadial: false).label(of: threat.apply(grid.point(point), to: input))
      }
      #expect(labels.count { $0 != example.label } == example.wrongPoints)
      for (point, label) in labels.enumerated() where label == example.label { right[point] += 1 }
      if example.wrongPoints > 0 { #expect(labels[example.worst] == example.prediction) }
      // What breaks an example without loss breaks it.
      if example.isBrokenWhole { #expect(example.wrongPoints > 0) }
    }
    #expect(scan.right == right)
  }
}

extension AffineModel {
  /// The class of one input.
  fileprivate func label(of input: Tensor<Float>) throws -> Int? {
    var scores = [Float](repeating: 0, count: outputCount)
    try input.withUnsafeScalars { rows in
      try scores.withUnsafeMutableBufferPointer { try evaluate(rows, count: 1, outputs: $0) }
    }
    return Tensor(scores, shape: [outputCount]).indexOfMaximum
  }
}
