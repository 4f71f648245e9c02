import Robustness
import Tensors

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
