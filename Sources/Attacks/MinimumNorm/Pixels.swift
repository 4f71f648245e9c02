import Robustness
import Tensors

/// How the values of an example lie in pixels, as the norm L0 counts them: the places of a C x H x W example with
/// all their channels, single values of other examples.
struct Pixels {
  /// The number of pixels; the channels of a pixel lie so far apart.
  let count: Int
  /// The number of values of a pixel.
  let channels: Int
  /// The largest width of the box: the unit of lengths that are written for data from 0 to 1.
  let unit: Double

  private let domain: any FeasibleSet

  init(_ domain: any FeasibleSet) {
    self.domain = domain
    count = max(domain.center.shape.pixelCount, 1)
    channels = max(domain.center.count, 1) / count
    unit = domain.hull.unit
  }

  /// The positions of a pixel's values.
  func indices(of pixel: Int) -> StrideTo<Int> {
    stride(from: pixel, to: count * channels, by: count)
  }

  /// The pixels that differ from those of the example.
  func changed(_ point: Tensor<Float>) -> [Int] {
    point.withUnsafeScalars { point in
      domain.center.withUnsafeScalars { center in
        (0..<count).filter { pixel in
          indices(of: pixel).contains { point[$0] != center[$0] }
        }
      }
    }
  }

  /// A point with some pixels as they are in the example.
  func restoring(_ pixels: some Sequence<Int>, in point: Tensor<Float>) -> Tensor<Float> {
    var result = point
    for pixel in pixels {
      for index in indices(of: pixel) { result[index] = domain.center[index] }
    }
    return result
  }
}

/// Puts pixels back as they were, as long as the goal stays reached.
///
/// Every round asks what becomes of the goal without each of the changed pixels, then without the first 1, 2, 4,
/// ... of those that are missed least, and keeps the point with the fewest changes. It ends where every pixel is
/// needed, or where the passes do not suffice for another round.
struct PixelReduction {
  /// The most forward passes.
  let passes: Int

  /// Reduces the nearest point found so far.
  func reduce(
    _ nearest: inout NearestPoint, _ pixels: Pixels, using oracle: some ScoreOracle
  ) async throws {
    var rest = passes
    while nearest.isFound, !oracle.isSolved {
      let point = nearest.point
      let changed = pixels.changed(point)
      guard changed.count > 1, changed.count <= rest else { return }
      let without = changed.map { pixels.restoring(CollectionOfOne($0), in: point) }
      let answers = try await oracle.scores(at: without)
      rest -= changed.count
      let spare = changed.indices.filter { answers[$0].reachesGoal }
        .sorted { (answers[$0].margin, $1) > (answers[$1].margin, $0) }
      guard let first = spare.first else { return }
      nearest.note(without[first])
      let lengths = PixelReduction.lengths(upTo: spare.count, limit: rest)
      guard !lengths.isEmpty else { continue }
      let fewer = lengths.map { length in
        pixels.restoring(spare.prefix(length).lazy.map { changed[$0] }, in: point)
      }
      rest -= fewer.count
      for (point, answer) in zip(fewer, try await oracle.scores(at: fewer))
      where answer.reachesGoal { nearest.note(point) }
    }
  }

  /// Some numbers of pixels from 2 on, more closely at first.
  private static func lengths(upTo most: Int, limit: Int) -> [Int] {
    var lengths: [Int] = []
    var length = 2
    while length <= most, lengths.count < limit {
      lengths.append(length)
      length += max(1, length / 4)
    }
    if most > 2, let last = lengths.last, last < most, lengths.count < limit {
      lengths.append(most)
    }
    return lengths
  }
}
