import Corruptions
import Datasets
import Insight
import Models
import Robustness
import Tensors
import Testing

/// Accuracies under corruptions, and what is computed of them.
@Suite struct CorruptionAccuracyTests {
  private func accuracies(
    clean: Int, _ counts: [(String, [Int])], suite: CorruptionSuite = .cifar10C
  ) -> CorruptionAccuracies {
    CorruptionAccuracies(
      suite: suite, clean: Proportion(clean, of: 100),
      cells: counts.flatMap { name, counts in
        counts.enumerated().map { place, count in
          CorruptionAccuracies.Cell(
            name: name, severity: place + 1, right: Proportion(count, of: 100))
        }
      })
  }

  @Test("Errors are those of the definition")
  func errors() throws {
    let own = accuracies(
      clean: 90, [("fog", [80, 60]), ("snow", [90, 70]), ("saturate", [10, 10])])
    let base = accuracies(
      clean: 80, [("fog", [60, 20]), ("snow", [70, 40]), ("saturate", [0, 0])])
    #expect(own.error(of: "fog", against: base) == Double(20 + 40) / Double(40 + 80))
    let relative = try #require(own.error(of: "snow", against: base, isRelative: true))
    #expect(abs(relative - Double(0 + 20) / Double(10 + 40)) < 1e-12)
    // Saturate is none of the common ones.
    let mean = try #require(own.meanError(against: base))
    #expect(abs(mean - (0.5 + 40.0 / 90) / 2) < 1e-12)
    #expect(abs(own.meanAccuracy - (0.7 + 0.8 + 0.1) / 3) < 1e-12)
    for name in own.names { #expect(own.error(of: name, against: own) == 1) }
    #expect(own.meanError(against: own) == 1)
    let perfect = accuracies(
      clean: 100, [("fog", [100, 100]), ("snow", [100, 90]), ("saturate", [0, 0])])
    #expect(own.error(of: "fog", against: perfect) == nil && own.meanError(against: perfect) == nil)
    #expect(
      accuracies(clean: 9, [("fog", [1]), ("zigzag", [2])], suite: .mnistC).commonNames.count == 2)
  }

  @Test("Where every class is read as well, no shift of classes changes anything")
  func evenClasses() {
    let labels = (0..<200).map { $0 % 10 }
    let right = (0..<200).map { $0 / 10 % 4 != 0 }
    let drift = Drift(
      accuracies(clean: 75, [("fog", [70, 60]), ("snow", [50, 80])]), right: right, labels: labels,
      seed: 1)
    for shift in drift.classes {
      for value in [shift.mean, shift.low, shift.high, shift.least] {
        #expect(abs(value - 0.75) < 1e-9)
      }
    }
    #expect(drift.steps.map(\.severity) == [0, 1, 2])
    #expect(drift.steps.map(\.worst) == ["", "snow", "fog"])
    #expect(zip(drift.steps.map(\.mean), [0.75, 0.6, 0.7]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test(
    "Of two classes, of which one is always wrong, the accuracy is a share from a beta distribution"
  )
  func unevenClasses() {
    let labels = (0..<100).map { $0 % 2 }
    let drift = Drift(
      accuracies(clean: 50, [("fog", [50])]), right: labels.map { $0 == 0 }, labels: labels, seed: 2
    )
    for shift in drift.classes {
      // Beta(a, a): the mean is one half, the variance 1 / (4 (2 a + 1)).
      let deviation = (1 / (4 * (2 * shift.concentration + 1))).squareRoot()
      #expect(abs(shift.mean - 0.5) < 4 * deviation / Double(Drift.draws).squareRoot())
      #expect(shift.least >= 0 && shift.low < shift.mean && shift.mean < shift.high)
    }
    #expect(drift.classes[0].low > drift.classes[1].low)
    #expect(drift.classes[1].low > drift.classes[2].low)
    #expect(drift.steps.count == 1)
  }

  @Test("Pictures come back from rows, channels last and other ranges")
  func forms() throws {
    var generator = RandomKey(seed: 3).generator
    for (shape, bounds, known) in [
      ([3, 4, 5], 0...1, nil), ([4, 5, 3], 0...1, nil), ([28], 0...1, [1, 4, 7]),
      ([1, 6, 6], -1...1, nil), ([6, 5, 1], 0...255, nil), ([4, 7], 0...1, [1, 4, 7]),
    ] as [(Shape, ClosedRange<Float>, Shape?)] {
      let form = try PictureForm(shape, bounds: bounds, picture: known)
      let length = bounds.upperBound - bounds.lowerBound
      let input = Tensor(
        (0..<shape.count).map { _ in bounds.lowerBound + length * generator.uniform() },
        shape: shape)
      let picture = form.picture(of: input)
      #expect(picture.scalars.allSatisfy { 0...1 ~= $0 })
      #expect([1, 3].contains(picture.shape[0]))
      let back = form.input(of: picture)
      #expect(back.shape == shape)
      #expect(zip(back.scalars, input.scalars).allSatisfy { abs($0 - $1) <= 1e-5 * length })
    }
    // Channel 1 of the pixel in row 2, column 3.
    var last = Tensor<Float>.zeros([4, 5, 3])
    last[(2 * 5 + 3) * 3 + 1] = 1
    let picture = try PictureForm([4, 5, 3], bounds: 0...1).picture(of: last)
    #expect(picture.shape == [3, 4, 5] && picture[1 * 20 + 2 * 5 + 3] == 1)
    #expect(throws: CorruptionError.self) { try PictureForm([28], bounds: 0...1) }
    #expect(throws: CorruptionError.self) { try PictureForm([2, 5, 5], bounds: 0...1) }
  }

  @Test("The worst draw is the one with the least margin, and no batch changes that")
  func worstDraw() async throws {
    // The model reads whether the picture is brighter than its middle.
    let size = 64
    let model = AffineModel(
      inputShape: [1, 8, 8],
      weights: Tensor(
        [Float](repeating: -1, count: size) + [Float](repeating: 1, count: size),
        shape: [2, size]), biases: Tensor([33, -33], shape: [2]))
    var generator = RandomKey(seed: 4).generator
    let values = (0..<40 * size).map { _ in Float(generator.integer(below: 256)) / 255 }
    let data = Dataset(
      name: "noise", exampleShape: [1, 8, 8], values: values, labels: (0..<40).map { $0 % 2 },
      classNames: ["dark", "bright"], bounds: 0...1)
    let corruptor = Corruptor(try PictureForm([1, 8, 8], bounds: 0...1), seed: 5)
    let cell = CorruptionGrid.Cell(
      try CorruptionRow.row(named: "shot_noise", in: .imagenetC), severity: 5, in: .imagenetC)
    let verdicts = try await corruptor.verdicts(of: model, on: data, by: cell, draws: 6, batch: 7)
    #expect(
      try await corruptor.verdicts(of: model, on: data, by: cell, draws: 6, batch: 40) == verdicts)
    var (someBetter, someWorse) = (false, false)
    for position in 0..<40 {
      let example = try data.example(at: position)
      let margins = try (0..<6).map { draw in
        let input = try corruptor.corrupted(example, by: cell, draw: draw)
        let sum = Double(input.scalars.reduce(0, +)) - 33
        return 2 * (example.label == 1 ? sum : -sum)
      }
      let least = margins.min() ?? 0
      #expect(margins[verdicts.worstDraw[position]] < least + 1e-3)
      #expect(verdicts.right[position] == (margins[0] > 0))
      #expect(verdicts.always[position] == (least > 0))
      someBetter = someBetter || verdicts.always[position]
      someWorse = someWorse || (verdicts.right[position] && !verdicts.always[position])
    }
    #expect(someBetter && someWorse)
    let fixed = CorruptionGrid.Cell(
      try CorruptionRow.row(named: "contrast", in: .imagenetC), severity: 5, in: .imagenetC)
    let once = try await corruptor.verdicts(of: model, on: data, by: fixed, draws: 6)
    #expect(once.worstDraw.allSatisfy { $0 == 0 } && once.right == once.always)
  }
}
