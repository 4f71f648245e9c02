public import Corruptions
public import Datasets
public import Tensors

/// Corrupts examples of a data set, on all processors.
///
/// What becomes of an example depends on the seed, its index in the whole data set, the corruption and the draw alone.
public struct Corruptor: Sendable {
  /// How examples are pictures.
  public let form: PictureForm
  /// What chance depends on.
  public let seed: UInt64

  /// A corruptor.
  public init(_ form: PictureForm, seed: UInt64) {
    self.form = form
    self.seed = seed
  }

  /// All chance of one example in one draw.
  private func key(_ index: Int, _ draw: Int) -> RandomKey {
    RandomKey(seed: seed).child("corruption").child(index).child(draw)
  }

  /// One corrupted example.
  ///
  /// - Parameters:
  ///   - example: The example, whose index chance depends on.
  ///   - cell: The corruption.
  ///   - draw: Which of several draws, from 0 on.
  /// - Returns: An input of the example's shape.
  /// - Throws: `CorruptionError`.
  public func corrupted(
    _ example: Example, by cell: CorruptionGrid.Cell, draw: Int = 0
  ) throws(CorruptionError) -> Tensor<Float> {
    form.input(
      of: try cell.corrupted(form.picture(of: example.input), key: key(example.index, draw)))
  }

  /// The corrupted pictures of some examples, in their order.
  ///
  /// - Parameters:
  ///   - data: The examples.
  ///   - positions: Which of them.
  ///   - cell: The corruption.
  ///   - draw: Which of several draws, from 0 on.
  /// - Returns: Pictures of `form.shape`, values in 0...1.
  /// - Throws: `CorruptionError`, `DatasetError`, or `CancellationError` where the task is cancelled.
  public func pictures(
    of data: Dataset, at positions: Range<Int>, by cell: CorruptionGrid.Cell, draw: Int = 0
  ) async throws -> [Tensor<Float>] {
    let size = max(1, min(64, (positions.count + 7) / 8))
    let starts = Array(stride(from: positions.lowerBound, to: positions.upperBound, by: size))
    return try await withThrowingTaskGroup(of: (Int, [Tensor<Float>]).self) { group in
      for (place, start) in starts.enumerated() {
        group.addTask {
          try Task.checkCancellation()
          let part = start..<min(start + size, positions.upperBound)
          return (
            place,
            try part.map { position in
              try cell.corrupted(
                form.picture(of: try data.image(at: position)),
                key: key(data.index(at: position), draw))
            }
          )
        }
      }
      var parts = [[Tensor<Float>]](repeating: [], count: starts.count)
      for try await (place, part) in group { parts[place] = part }
      return parts.flatMap { $0 }
    }
  }

  /// The corrupted examples as inputs of the network, with the batch as the outermost axis.
  ///
  /// - Throws: As `pictures(of:at:by:draw:)`.
  public func inputs(
    of data: Dataset, at positions: Range<Int>, by cell: CorruptionGrid.Cell, draw: Int = 0
  ) async throws -> Tensor<Float> {
    .stacking(
      try await pictures(of: data, at: positions, by: cell, draw: draw).map { form.input(of: $0) })
  }
}
