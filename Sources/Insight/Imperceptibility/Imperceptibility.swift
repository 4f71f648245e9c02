package import Datasets
package import Models
import Perception
package import Tensors

/// What people see of adversarial changes and what a model makes of them, beside other changes of the same length.
package struct Imperceptibility: Sendable {
  /// Each picture with its changes.
  package let comparisons: [ChangeComparison]
  /// How reading and likeness fall as each kind of change grows.
  package let curves: [Curve]

  /// What a kind of change does at some lengths.
  package struct Curve: Sendable, Hashable, Codable {
    /// The kind.
    package let kind: ChangeKind
    /// The points, by ascending length.
    package let points: [Point]

    /// The pictures at one length.
    package struct Point: Sendable, Hashable, Codable {
      /// The length as a multiple of that of each picture's adversarial change.
      package let multiple: Double
      /// How many pictures have room for a change of this length.
      package let count: Int
      /// How many of these are still read as their class.
      package let right: Int
      /// SSIM in the median; `nil` where pictures are too small for it.
      package let similarity: Double?
      /// The mean CIEDE2000 of a picture, in the median.
      package let colorDifference: Double
    }
  }

  /// The lengths of the curves.
  package static let multiples = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3]

  /// Compares adversarial changes with random noise and patches of the same length.
  ///
  /// Random directions are those of the seed and each picture's index.
  ///
  /// - Parameters:
  ///   - changes: Pictures C x H x W that the model reads rightly, and what an attack made of each.
  ///   - model: The model.
  ///   - bounds: The values of the data, which are spread over 0...1 for the measures.
  ///   - seed: Determines random directions and places.
  ///   - curves: Whether to measure other lengths, too, which costs 24 forward passes for each picture.
  ///   - progress: Told how many pictures are done.
  /// - Returns: The comparison.
  /// - Throws: `PerceptionError` for what are no pictures; what the model throws.
  package static func measure(
    _ changes: [(example: Example, changed: Tensor<Float>)], by model: any BatchedModel,
    bounds: ClosedRange<Float>, seed: UInt64, curves: Bool = true,
    progress: (Int) -> Void = { _ in }
  ) async throws -> Imperceptibility {
    var comparisons: [ChangeComparison] = []
    var samples: [ChangeKind: [[Sample]]] = [:]
    for (example, changed) in changes {
      try Task.checkCancellation()
      let plan = Plan(example, changed, bounds, seed)
      comparisons.append(try await plan.comparison(by: model))
      if curves {
        for (kind, direction) in plan.directions {
          samples[kind, default: []].append(try await plan.samples(along: direction, by: model))
        }
      }
      progress(comparisons.count)
    }
    return Imperceptibility(
      comparisons: comparisons,
      curves: ChangeKind.allCases.compactMap { kind in
        samples[kind].map { Curve(kind: kind, points: points($0)) }
      })
  }

  private static func points(_ pictures: [[Sample]]) -> [Curve.Point] {
    multiples.compactMap { multiple in
      let there = pictures.compactMap { $0.first { $0.multiple == multiple } }
      guard !there.isEmpty else { return nil }
      return Curve.Point(
        multiple: multiple, count: there.count, right: there.count { $0.isRight },
        similarity: Spread(there.compactMap(\.similarity))?.median,
        colorDifference: Spread(there.map(\.colorDifference))?.median ?? 0)
    }
  }
}

/// One change at one length.
private struct Sample {
  let multiple: Double
  let isRight: Bool
  let similarity: Double?
  let colorDifference: Double
}

/// What is done with one picture.
private struct Plan {
  let example: Example
  let bounds: ClosedRange<Float>
  let room: EqualLength
  let length: Double
  let changed: Tensor<Float>
  /// The direction of each kind that there is room for.
  let directions: [(kind: ChangeKind, direction: Tensor<Float>)]

  init(
    _ example: Example, _ changed: Tensor<Float>, _ bounds: ClosedRange<Float>, _ seed: UInt64
  ) {
    self.example = example
    self.bounds = bounds
    self.changed = changed
    room = EqualLength(of: example.input, within: bounds)
    let change = changed - example.input
    length = change.norm2
    let key = RandomKey(seed: seed).child("imperceptible").child(example.index)
    var (noise, place) = (key.child("noise").generator, key.child("patch").generator)
    let patch = room.patch(ofLength: length, using: &place)
    directions =
      [(.adversarial, change), (.random, room.random(using: &noise))]
      + (patch.map { [(.patch, $0)] } ?? [])
  }

  /// The picture and its changes of the adversarial one's length.
  func comparison(by model: any BatchedModel) async throws -> ChangeComparison {
    let pairs = directions.compactMap { kind, direction in
      // That of the attack is kept as it was verified.
      (kind == .adversarial ? changed : room.moved(along: direction, by: length)).map {
        (kind, $0)
      }
    }
    let rankings = try await model.rankings(of: [example.input] + pairs.map(\.1))
    let changes = try zip(pairs, rankings.dropFirst()).map { pair, ranking in
      ComparedChange(pair.0, try difference(to: pair.1), ranking, label: example.label)
    }
    return ChangeComparison(
      index: example.index, label: example.label, input: example.input, before: rankings[0],
      changes: changes, changed: pairs.map(\.1))
  }

  /// What changes along a direction do, at all lengths that there is room for.
  func samples(along direction: Tensor<Float>, by model: any BatchedModel) async throws -> [Sample]
  {
    let points = Imperceptibility.multiples.compactMap { multiple in
      room.moved(along: direction, by: multiple * length).map { (multiple, $0) }
    }
    let rankings = try await model.rankings(of: points.map(\.1))
    return try zip(points, rankings).map { point, ranking in
      let difference = try difference(to: point.1)
      return Sample(
        multiple: point.0, isRight: ranking.label == example.label,
        similarity: difference.structuralSimilarity,
        colorDifference: difference.meanColorDifference)
    }
  }

  private func difference(to other: Tensor<Float>) throws -> ImageDifference {
    try ImageDifference(from: spread(example.input), to: spread(other))
  }

  /// Values spread over 0...1.
  private func spread(_ picture: Tensor<Float>) -> Tensor<Float> {
    let length = Double(bounds.upperBound) - Double(bounds.lowerBound)
    return picture.map { value in
      min(max(Float((Double(value) - Double(bounds.lowerBound)) / length), 0), 1)
    }
  }
}
