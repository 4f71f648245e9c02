import Datasets
import Insight
import Models
import Perception
import Tensors
import Testing

/// Changes of one length: adversarial, random, in a square.
@Suite struct ImperceptibilityTests {
  private static let digits: [Example] =
    (try? MNIST.load(.test).subset(offset: 0, count: 12).examples) ?? []

  @Test(arguments: digits)
  func allChangesHaveTheLength(example: Example) throws {
    let room = EqualLength(of: example.input, within: 0...1)
    for length in [0.01, 1, 5, 9] {
      var generator = RandomKey(seed: 1).child(example.index).generator
      let found = room.patch(ofLength: length, using: &generator)
      let patch = try #require(found)
      for direction in [room.random(using: &generator), patch] {
        let moved = try #require(room.moved(along: direction, by: length))
        #expect(abs((moved - example.input).norm2 - length) < 1e-4 * length)
        #expect(moved.scalars.allSatisfy { (0...1).contains($0) })
      }
      // All in one square, and none of a smaller side has room in that place.
      let rows = Set((0..<784).filter { patch[$0] != 0 }.map { $0 / 28 })
      let columns = Set((0..<784).filter { patch[$0] != 0 }.map { $0 % 28 })
      #expect(rows.count == columns.count)
      #expect(patch.scalars.count { $0 != 0 } == rows.count * columns.count)
      #expect(Double(rows.count) >= length * 0.99)
    }
    #expect(room.moved(along: room.input.map { _ in 1 }, by: 28.1) == nil)
    #expect(room.moved(along: .zeros([1, 28, 28]), by: 1) == nil)
    var generator = RandomKey(seed: 2).generator
    #expect(room.patch(ofLength: 28.1, using: &generator) == nil)
  }

  @Test func aComparisonOfALinearModel() async throws {
    // The class is the sign of the sum over the upper half less that of the lower.
    let weights = (0..<784).map { Float($0 < 392 ? 0.1 : -0.1) }
    let model = AffineModel(
      inputShape: [1, 28, 28], weights: Tensor(weights + weights.map { -$0 }, shape: [2, 784]),
      biases: .zeros([2]))
    let changes = Self.digits.compactMap { digit -> (example: Example, changed: Tensor<Float>)? in
      let score = zip(weights, digit.input.scalars).reduce(0) { $0 + $1.0 * $1.1 }
      guard abs(score) > 0.1 else { return nil }
      let label = score > 0 ? 0 : 1
      let changed = digit.input.zip(Tensor(weights, shape: [1, 28, 28])) { value, weight in
        min(max(value + ((weight > 0) == (label == 0) ? -0.3 : 0.3), 0), 1)
      }
      return (Example(index: digit.index, input: digit.input, label: label), changed)
    }
    try #require(changes.count >= 8)
    let result = try await Imperceptibility.measure(changes, by: model, bounds: 0...1, seed: 3)
    #expect(result.comparisons.count == changes.count && result.curves.count == 3)
    for (comparison, change) in zip(result.comparisons, changes) {
      #expect(comparison.changes.map(\.kind) == [.adversarial, .random, .patch])
      #expect(comparison.changed[0] == change.changed)
      for change in comparison.changes {
        #expect(abs(change.difference.length / comparison.length - 1) < 1e-4)
        #expect(try #require(change.difference.structuralSimilarity) < 1)
      }
    }
    for curve in result.curves {
      #expect(curve.points[0].multiple == 0 && curve.points[0].right == changes.count)
      #expect(curve.points[0].similarity == 1 && curve.points[0].colorDifference == 0)
      for (less, more) in zip(curve.points, curve.points.dropFirst()) where less.count == more.count
      {
        #expect(less.colorDifference < more.colorDifference)
      }
    }
    // The same seed, the same changes; another, others.
    let again = try await Imperceptibility.measure(changes, by: model, bounds: 0...1, seed: 3)
    #expect(again.comparisons.map(\.changed) == result.comparisons.map(\.changed))
    let other = try await Imperceptibility.measure(
      changes, by: model, bounds: 0...1, seed: 4, curves: false)
    #expect(other.curves.isEmpty)
    #expect(other.comparisons[0].changed[1] != result.comparisons[0].changed[1])
  }

  @Test func otherBoundsAreSpreadOverOne() async throws {
    let model = AffineModel(
      inputShape: [1, 28, 28], weights: .zeros([2, 784]), biases: Tensor([1, 0], shape: [2]))
    let digit = Self.digits[0]
    let example = Example(index: 0, input: digit.input.map { 4 * $0 - 2 }, label: 0)
    let changed = example.input.map { min($0 + 0.4, 2) }
    let wide = try await Imperceptibility.measure(
      [(example, changed)], by: model, bounds: -2...2, seed: 0, curves: false)
    let unit = try await Imperceptibility.measure(
      [(digit, digit.input.map { min($0 + 0.1, 1) })], by: model, bounds: 0...1, seed: 0,
      curves: false)
    let (first, second) = (wide.comparisons[0].changes[0], unit.comparisons[0].changes[0])
    #expect(abs(first.difference.length - second.difference.length) < 1e-4)
    #expect(abs(wide.comparisons[0].length - 4 * unit.comparisons[0].length) < 1e-3)
  }
}
