import Tensors
import TestSupport
import Testing
import Training

@Suite struct AugmentationTests {
  static let digit: Shape = [1, 28, 28]

  /// Values in 0...1 that are all different from zero and from one another.
  private static func ramp(_ count: Int) -> [Float] {
    (0..<count).map { Float($0 + 1) / Float(count + 1) }
  }

  /// A picture after an augmentation.
  private static func changed(
    _ values: [Float], _ words: String, _ shape: Shape, index: Int = 0, seed: UInt64 = 1,
    epoch: Int = 0, bounds: ClosedRange<Float> = 0...1
  ) throws -> [Float] {
    var copy = values
    let augmentations = try Augmentations(words)
    try augmentations.check(shape)
    copy.withUnsafeMutableBufferPointer {
      augmentations.apply(
        to: $0, indices: [index], of: ExampleForm(shape, bounds: bounds), seed: seed, epoch: epoch)
    }
    return copy
  }

  // MARK: - Words

  @Test func wordsMakeTheSameListAgain() throws {
    for words in [
      "none", "crop:4", "flip", "cutout:8", "cutout:8:mean", "mixup:0.2", "rotate:15", "noise:0.1",
      "crop:4,flip,rotate:2.5,cutout:3,noise:0.05,mixup:1",
    ] {
      #expect(try Augmentations(words).description == words)
      #expect(try Augmentations(try Augmentations(words).list).description == words)
    }
    #expect(Augmentations.help.count == Augmentations.kinds.count)
    #expect(Augmentations.none.description == "none")
  }

  @Test(arguments: [
    ("crp:4", "there is no augmentation 'crp' (did you mean crop?); there are crop, flip,"),
    ("", "there is no augmentation ''; there are crop"),
    ("flip,", "there is no augmentation ''"),
    ("crop", "the augmentation 'crop': expected crop:N with N from 1 to 1000 pixels"),
    ("crop:0", "the augmentation 'crop:0': expected"),
    ("crop:-4", "the augmentation 'crop:-4': expected"),
    ("crop:4:4", "the augmentation 'crop:4:4': expected"),
    ("flip:1", "the augmentation 'flip:1': expected flip, without a number"),
    ("cutout:8:median", "the augmentation 'cutout:8:median': expected cutout:N"),
    ("mixup:0", "the augmentation 'mixup:0': expected mixup:A with A above 0"),
    ("mixup:nan", "the augmentation 'mixup:nan': expected"),
    ("noise:inf", "the augmentation 'noise:inf': expected"),
    ("rotate:181", "the augmentation 'rotate:181': expected"),
    ("flip,crop:2,flip", "the augmentation flip is given twice"),
    ("crop:\u{1B}[2J", "the augmentation 'crop:\u{FFFD}[2J'"),
  ])
  func wrongWordsAreOneClearLine(words: String, beginning: String) {
    let error = #expect(throws: AugmentationError.self) { try Augmentations(words) }
    let line = error?.description ?? ""
    #expect(line.hasPrefix(beginning), "\(line)")
    #expect(line.count <= 200 && !line.contains("\n"))
  }

  @Test func examplesThatDoNotGoWithIt() throws {
    for words in ["crop:4", "flip", "rotate:15", "cutout:8"] {
      #expect(
        throws: AugmentationError.notPictures(words, [784]),
        performing: {
          try Augmentations(words).check([784])
        })
    }
    #expect(
      throws: AugmentationError.tooLarge("crop:28", Self.digit, limit: 27),
      performing: { try Augmentations("crop:28").check(Self.digit) })
    #expect(
      throws: AugmentationError.tooLarge("cutout:5", [3, 5, 9], limit: 4),
      performing: { try Augmentations("flip,cutout:5").check([3, 5, 9]) })
    try Augmentations("crop:27,cutout:27").check(Self.digit)
    try Augmentations("noise:0.1,mixup:0.2").check([784])
  }

  // MARK: - What they do

  /// A shift with zeros, written as its definition says.
  private static func shifted(_ values: [Float], _ shape: Shape, _ down: Int, _ right: Int)
    -> [Float]
  {
    var result = [Float](repeating: 0, count: values.count)
    for c in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          let (i, j) = (y + down, x + right)
          guard 0..<shape[1] ~= i, 0..<shape[2] ~= j else { continue }
          result[(c * shape[1] + y) * shape[2] + x] = values[(c * shape[1] + i) * shape[2] + j]
        }
      }
    }
    return result
  }

  @Test func cropIsAShiftAndAllShiftsOccur() throws {
    let shape: Shape = [2, 5, 4]
    let values = Self.ramp(shape.count)
    var seen: [[Float]: Int] = [:]
    for index in 0..<4000 {
      seen[try Self.changed(values, "crop:2", shape, index: index), default: 0] += 1
    }
    var possible: Set<[Float]> = []
    for down in -2...2 {
      for right in -2...2 { possible.insert(Self.shifted(values, shape, down, right)) }
    }
    #expect(Set(seen.keys) == possible)
    // 160 of each are expected, with a deviation of 12.
    #expect(seen.values.allSatisfy { 100...220 ~= $0 })
  }

  @Test func theLargestCropLeavesACorner() throws {
    let shape: Shape = [1, 3, 3]
    let values = Self.ramp(9)
    let possible = Set(
      (-2...2).flatMap { y in (-2...2).map { Self.shifted(values, shape, y, $0) } })
    for index in 0..<200 {
      #expect(possible.contains(try Self.changed(values, "crop:2", shape, index: index)))
    }
  }

  @Test func everyOtherPictureIsMirrored() throws {
    let shape: Shape = [3, 2, 5]
    let values = Self.ramp(shape.count)
    let mirrored = stride(from: 0, to: values.count, by: 5).flatMap {
      values[$0..<$0 + 5].reversed()
    }
    var count = 0
    for index in 0..<2000 {
      let result = try Self.changed(values, "flip", shape, index: index)
      #expect(result == values || result == mirrored)
      if result == mirrored { count += 1 }
    }
    #expect(900...1100 ~= count)
  }

  @Test(arguments: ["cutout:3", "cutout:4", "cutout:3:mean"])
  func cutoutCoversASquare(words: String) throws {
    let shape: Shape = [2, 9, 7]
    let values = Self.ramp(shape.count)
    let side = words.contains("4") ? 4 : 3
    var whole = 0
    for index in 0..<500 {
      let result = try Self.changed(values, words, shape, index: index)
      for channel in 0..<2 {
        let own = (0..<63).filter { result[channel * 63 + $0] != values[channel * 63 + $0] }
        let rows = Set(own.map { $0 / 7 })
        let columns = Set(own.map { $0 % 7 })
        // One place may have had the mean before.
        #expect(own.count >= rows.count * columns.count - 1)
        #expect(rows.count <= side && columns.count <= side && !own.isEmpty)
        let isWhole = rows.count == side && columns.count == side
        #expect(
          isWhole || rows.contains(0) || rows.contains(8) || columns.contains(0)
            || columns.contains(6) || words.hasSuffix("mean"))
        whole += isWhole ? 1 : 0
        let part = values[channel * 63..<channel * 63 + 63]
        let fill = words.hasSuffix("mean") ? part.reduce(0, +) / 63 : 0
        #expect(own.allSatisfy { abs(result[channel * 63 + $0] - fill) < 1e-5 })
      }
    }
    #expect(whole > 100)
  }

  @Test func zerosStayWithinTheBounds() throws {
    let values = [Float](repeating: 3, count: 16)
    for index in 0..<50 {
      let words = "crop:2,rotate:40,cutout:2,noise:5"
      let result = try Self.changed(values, words, [1, 4, 4], index: index, bounds: 2...4)
      #expect(result.allSatisfy { 2...4 ~= $0 })
    }
  }

  @Test func rotationKeepsTheCenterAndQuartersAreExact() throws {
    let shape: Shape = [1, 9, 9]
    var values = [Float](repeating: 0, count: 81)
    // A disc is the same after every rotation but at its edge; the center is one pixel.
    for y in 0..<9 {
      for x in 0..<9 { values[y * 9 + x] = Float((y - 4) * (y - 4) + (x - 4) * (x - 4)) / 40 }
    }
    var differs = false
    for index in 0..<100 {
      let result = try Self.changed(values, "rotate:180", shape, index: index)
      #expect(abs(result[40] - values[40]) < 1e-5)
      #expect(result.allSatisfy { 0...1 ~= $0 })
      // Bilinear values of a paraboloid are at most 2 * 1/8 * 2/40 above it.
      for y in 2...6 {
        for x in 2...6 {
          #expect(abs(result[y * 9 + x] - values[y * 9 + x]) < 0.013)
        }
      }
      differs = differs || result != values
    }
    #expect(differs)
    // A plane stays a plane: its slope turns, and its sizes within the picture stay.
    let plane = (0..<81).map { Float($0 % 9) / 8 }
    for index in 0..<50 {
      let result = try Self.changed(plane, "rotate:30", shape, index: index)
      let (along, down) = (result[41] - result[40], result[49] - result[40])
      #expect(abs((along * along + down * down).squareRoot() - 0.125) < 1e-4)
      #expect(along >= 0.125 * 0.866 - 1e-4)
    }
  }

  @Test func noiseIsNormalAndClipped() throws {
    let count = 200_001
    let still = [Float](repeating: 0, count: count)
    let noise = try Self.changed(still, "noise:2", [count], bounds: -1000...1000)
    let mean = noise.reduce(0.0) { $0 + Double($1) } / Double(count)
    let moment = { (power: Int) in
      noise.reduce(0.0) { sum, value in
        sum + (0..<power).reduce(1.0) { product, _ in product * Double(value) / 2 }
      } / Double(count)
    }
    #expect(abs(mean) < 0.02)
    #expect(abs(moment(2) - 1) < 0.015)
    #expect(abs(moment(4) - 3) < 0.1)
    // Neighbours come from one word of random bits.
    let product = (0..<count / 2).reduce(0.0) { $0 + Double(noise[2 * $1] * noise[2 * $1 + 1]) / 4 }
    #expect(abs(product / Double(count / 2)) < 0.015)
    let clipped = try Self.changed(still, "noise:2", [count], bounds: -1...3)
    #expect(clipped == noise.map { min(max($0, -1), 3) })
  }

  // MARK: - Chance

  @Test func resultsDependOnSeedEpochAndIndexAlone() throws {
    let shape: Shape = [1, 8, 8]
    let form = ExampleForm(shape, bounds: 0...1)
    let augmentations = try Augmentations("crop:2,flip,rotate:20,cutout:3,noise:0.1")
    let pictures = (0..<12).map { row in Self.ramp(64).map { min(1, $0 + Float(row) / 50) } }
    func run(_ indices: [Int], seed: UInt64 = 3, epoch: Int = 2) -> [[Float]] {
      var batch = indices.flatMap { pictures[$0] }
      batch.withUnsafeMutableBufferPointer {
        augmentations.apply(
          to: $0, indices: indices.map { $0 + 1000 }, of: form, seed: seed, epoch: epoch)
      }
      return indices.indices.map { Array(batch[$0 * 64..<$0 * 64 + 64]) }
    }
    let whole = run(Array(0..<12))
    #expect((0..<12).flatMap { run([$0]) } == whole)
    #expect(run(Array((0..<12).reversed())) == whole.reversed())
    #expect(run(Array(0..<12), seed: 4) != whole)
    #expect(run(Array(0..<12), epoch: 3) != whole)
  }

  @Test func oneAugmentationDoesNotChangeWhatTheOthersDraw() throws {
    let values = Self.ramp(64)
    let crop = try Self.changed(values, "crop:3", [1, 8, 8], index: 5)
    let flip = try Self.changed(crop, "flip", [1, 8, 8], index: 5)
    #expect(try Self.changed(values, "crop:3,flip", [1, 8, 8], index: 5) == flip)
  }

  // MARK: - Mixup

  @Test(arguments: [0.001, 0.2, 1, 8])
  func sharesAreOfTheBetaDistribution(a: Double) {
    var generator = RandomKey(seed: 9).generator
    let count = 40_000
    let shares = (0..<count).map { _ in generator.beta(a, a) }
    #expect(shares.allSatisfy { 0...1 ~= $0 })
    let mean = shares.reduce(0, +) / Double(count)
    let variance = shares.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / Double(count)
    #expect(abs(mean - 0.5) < 0.012)
    #expect(abs(variance - 0.25 / (2 * a + 1)) < 0.004)
  }

  @Test func theBetaDistributionMayLean() {
    var generator = RandomKey(seed: 9).generator
    let mean = (0..<40_000).reduce(0.0) { sum, _ in sum + generator.beta(2, 5) } / 40_000
    #expect(abs(mean - 2.0 / 7) < 0.005)
  }

  @Test func mixingFollowsItsShares() throws {
    let indices = Array(100..<132)
    let augmentations = try Augmentations("mixup:0.4")
    let mixing = try #require(augmentations.mixing(of: indices, seed: 1, epoch: 0))
    #expect(mixing.partners.sorted() == Array(0..<32))
    let originals = (0..<32).flatMap { row in (0..<3).map { Float(row * 3 + $0) / 100 } }
    var batch = originals
    batch.withUnsafeMutableBufferPointer { mixing.apply(to: $0, size: 3) }
    for row in 0..<32 {
      for place in 0..<3 {
        let share = mixing.shares[row]
        let expected =
          share * originals[row * 3 + place]
          + (1 - share) * originals[mixing.partners[row] * 3 + place]
        #expect(abs(batch[row * 3 + place] - expected) < 1e-6)
      }
    }
    let labels = (0..<32).map { $0 % 10 }
    let targets = mixing.targets(labels: labels, classCount: 10)
    for row in 0..<32 {
      let own = targets[row * 10..<row * 10 + 10]
      #expect(abs(own.reduce(0, +) - 1) < 1e-6)
      let partner = labels[mixing.partners[row]]
      let expected = partner == labels[row] ? 1 : mixing.shares[row]
      #expect(targets[row * 10 + labels[row]] == expected)
    }
    // The shares are the examples' own; the partners are the batch's.
    let half = try #require(augmentations.mixing(of: Array(indices[..<16]), seed: 1, epoch: 0))
    #expect(half.shares == Array(mixing.shares[..<16]))
    #expect(try #require(augmentations.mixing(of: indices, seed: 1, epoch: 0)) == mixing)
    #expect(try #require(augmentations.mixing(of: indices, seed: 1, epoch: 1)) != mixing)
    #expect(try Augmentations("flip").mixing(of: indices, seed: 1, epoch: 0) == nil)
    #expect(try #require(augmentations.mixing(of: [], seed: 1, epoch: 1)).partners.isEmpty)
  }

  // MARK: - Time

  @Test(arguments: ["crop:2", "flip", "cutout:8", "rotate:15", "noise:0.1", "mixup:0.2"])
  func anEpochOfDigitsTakesLittleTime(words: String) throws {
    let augmentations = try Augmentations(words)
    let form = ExampleForm(Self.digit, bounds: 0...1)
    var batch = [Float](repeating: 0.5, count: 100 * 784)
    let seconds = ProcessorTime.seconds {
      for step in 0..<600 {
        let indices = Array(step * 100..<step * 100 + 100)
        batch.withUnsafeMutableBufferPointer {
          augmentations.apply(to: $0, indices: indices, of: form, seed: 0, epoch: 0)
          augmentations.mixing(of: indices, seed: 0, epoch: 0)?.apply(to: $0, size: 784)
        }
      }
    }
    #expect(seconds < 2)
  }
}
