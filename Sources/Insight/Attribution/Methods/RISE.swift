public import Models
import Robustness
import Tensors

/// What random masks leave of the score: each value's number is the mean score of the inputs that show it.
///
///     map = 1 / (N p) sum over k of f(m_k x + (1 - m_k) b) m_k.
///
/// A mask of a picture is a coarse grid whose cells are shown with probability p, made larger smoothly and moved at
/// random by up to a cell; a mask of another input shows each value with probability p. Petsiuk, Das and Saenko, "RISE:
/// randomized input sampling for explanation of black-box models", 2018, https://arxiv.org/abs/1806.07421.
///
/// Cost: `masks` forward passes for each example. It asks for outputs alone, so it also explains remote models.
public struct RISE: AttributionMethod {
  /// The name on the command line.
  public static let name = "rise"
  /// It asks for outputs alone.
  public static let knowledge = Knowledge.scores
  /// The probability, as in the paper; and others.
  public static let scores: [ClassScore] = [.probability, .logit, .margin]

  /// How many masks there are.
  public var masks = 1000
  /// Cells of a mask along each axis.
  public var cells = 7
  /// The probability that a cell is shown.
  public var probability = 0.5
  /// What stands where nothing is shown.
  public var baseline = Baseline.constant(0)

  /// The options.
  public static let options: [AttributionOption<Self>] = [
    .integer("masks", \.masks, 1...1_000_000, "random masks"),
    .integer("cells", \.cells, 1...1000, "cells of a mask along each axis of a picture"),
    .number("probability", \.probability, 0.01...0.99, "probability that a cell is shown"),
    .baseline(\.baseline),
  ]

  /// A mean score, whose zero point depends on all of the input.
  public var unit: Attribution.Unit { .relative }

  /// Creates the method.
  public init() {}

  /// The means.
  public func findings(
    for request: AttributionRequest, of score: ClassScore
  ) async throws -> [AttributionFinding] {
    let area = PicturePlanes(request.shape)?.area ?? request.shape.count
    let planes = request.shape.count / max(area, 1)
    let (batch, count) = (request.batch, masks)
    var findings: [AttributionFinding] = []
    for (row, label) in request.classes.enumerated() {
      let input = request.inputs.row(row)
      let cover = try baseline.values(for: input)
      var sums = [Double](repeating: 0, count: area)
      for first in Swift.stride(from: 0, to: count, by: batch) {
        let part = first..<min(first + batch, count)
        let shown = part.map { mask($0, of: row, seed: request.seed, shape: request.shape) }
        let values = try await request.scores(count: part.count, of: label, score) { rows in
          .stacking(
            rows.map { place in
              var masked = input
              for index in 0..<masked.count {
                let share = shown[place][index % area]
                masked[index] = share * input[index] + (1 - share) * cover[index]
              }
              return masked
            })
        }
        for (mask, value) in zip(shown, values) {
          for pixel in 0..<area { sums[pixel] += value * Double(mask[pixel]) }
        }
      }
      let scale = 1 / (Double(count) * probability)
      let means = sums.map { Float($0 * scale) }
      findings.append(
        AttributionFinding(
          Tensor((0..<planes).flatMap { _ in means }, shape: input.shape),
          passes: Passes(forward: count)))
      request.progress(row + 1)
    }
    return findings
  }

  /// One mask: a share for each pixel, or for each value of what is no picture.
  func mask(_ number: Int, of example: Int, seed: UInt64, shape: Shape) -> [Float] {
    var generator = RandomKey(seed: seed).child("rise").child(example).child(number).generator
    guard let picture = PicturePlanes(shape) else {
      return (0..<shape.count).map { _ in generator.uniform() < Float(probability) ? 1 : 0 }
    }
    let grid = (0..<cells * cells).map { _ -> Float in
      generator.uniform() < Float(probability) ? 1 : 0
    }
    let cell = (
      height: (picture.height + cells - 1) / cells, width: (picture.width + cells - 1) / cells
    )
    let (top, left) = (
      generator.integer(below: cell.height), generator.integer(below: cell.width)
    )
    // One cell more along each axis, so that a moved mask still covers the picture.
    let rows = (0..<picture.height).map {
      Interpolation.place($0 + top, of: (cells + 1) * cell.height, among: cells)
    }
    let columns = (0..<picture.width).map {
      Interpolation.place($0 + left, of: (cells + 1) * cell.width, among: cells)
    }
    var mask: [Float] = []
    mask.reserveCapacity(picture.area)
    for row in rows {
      for column in columns {
        mask.append(Interpolation.value(in: grid, width: cells, row, column))
      }
    }
    return mask
  }
}

/// Bilinear interpolation of a coarse grid, whose cells' middles are where its values stand.
enum Interpolation {
  /// Between which positions of the grid something lies, and how far it is from the first.
  typealias Place = (first: Int, second: Int, share: Float)

  /// The place of position `index` of `size` finer ones in a grid of `count`.
  static func place(_ index: Int, of size: Int, among count: Int) -> Place {
    let position = (Double(index) + 0.5) * Double(count) / Double(size) - 0.5
    let bounded = min(max(position, 0), Double(count - 1))
    let first = min(Int(bounded), max(count - 2, 0))
    return (first, min(first + 1, count - 1), Float(bounded - Double(first)))
  }

  /// The value there.
  static func value(in grid: [Float], width: Int, _ row: Place, _ column: Place) -> Float {
    func line(_ row: Int) -> Float {
      (1 - column.share) * grid[row * width + column.first]
        + column.share * grid[row * width + column.second]
    }
    return (1 - row.share) * line(row.first) + row.share * line(row.second)
  }

  /// A grid in another size, as PyTorch's `interpolate` with `align_corners=False` makes it larger.
  static func resized(
    _ grid: [Float], from old: (height: Int, width: Int), to new: (height: Int, width: Int)
  ) -> [Float] {
    let rows = (0..<new.height).map { place($0, of: new.height, among: old.height) }
    let columns = (0..<new.width).map { place($0, of: new.width, among: old.width) }
    return rows.flatMap { row in
      columns.map { value(in: grid, width: old.width, row, $0) }
    }
  }
}
