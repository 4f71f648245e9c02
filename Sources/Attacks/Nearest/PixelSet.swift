import Tensors

/// The pixels of an example that may change: places of a C x H x W example, or single values of others.
struct PixelSet {
  private var isIn: [Bool]

  /// All of them.
  init(shape: Shape) {
    isIn = [Bool](
      repeating: true, count: shape.rank == 3 ? shape.extents[1] * shape.extents[2] : shape.count)
  }

  /// Whether no pixel has been taken out.
  var isWhole: Bool { !isIn.contains(false) }

  /// The values at pixels of the set, and those of another tensor elsewhere.
  func kept(_ values: Tensor<Float>, else other: Tensor<Float>) -> Tensor<Float> {
    var result = other
    for start in stride(from: 0, to: values.count, by: isIn.count) {
      for pixel in isIn.indices where isIn[pixel] { result[start + pixel] = values[start + pixel] }
    }
    return result
  }

  /// Takes pixels out: those that do not move, and a share of the rest, the lowest by the sum of some scores over their
  /// channels.
  ///
  /// - Returns: How many that move; 0 if none of them would be left.
  mutating func drop(share: Double, leastOf scores: Tensor<Float>, moves: Tensor<Float>) -> Int {
    var sums = [Float](repeating: 0, count: isIn.count)
    var sizes = sums
    for start in stride(from: 0, to: scores.count, by: isIn.count) {
      for pixel in isIn.indices {
        sums[pixel] += scores[start + pixel]
        sizes[pixel] += moves[start + pixel].magnitude
      }
    }
    for pixel in isIn.indices where sizes[pixel] == 0 { isIn[pixel] = false }
    let moving = isIn.indices.filter { isIn[$0] }.sorted { (sums[$0], $0) < (sums[$1], $1) }
    let count = max(1, Int(share * Double(moving.count)))
    guard count < moving.count else { return 0 }
    for pixel in moving.prefix(count) { isIn[pixel] = false }
    return count
  }
}
