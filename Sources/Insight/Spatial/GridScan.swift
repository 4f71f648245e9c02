package import Datasets
package import Models
package import Robustness
import Tensors

/// What a model reads at every point of a grid of changes, such as all rotations and shifts of a picture.
///
/// No point is left out, so the share of examples that no point breaks is exact for the grid. All verdicts are those of
/// the exact forward pass.
///
/// Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the landscape of spatial robustness", 2019,
/// https://arxiv.org/abs/1712.02779.
package struct GridScan: Sendable, Hashable {
  /// The grid.
  package let grid: ParameterGrid
  /// What came of each example.
  package let examples: [Scanned]
  /// How many examples are read rightly at each point.
  package let right: [Int]

  /// What came of one example.
  package struct Scanned: Sendable, Hashable, Codable {
    /// Its index in the data set.
    package let index: Int
    /// Its class.
    package let label: Int
    /// Whether it is read rightly as it is.
    package let isRight: Bool
    /// At how many points it is read wrongly.
    package let wrongPoints: Int
    /// The point at which the right class leads least.
    package let worst: Int
    /// What is read there; `nil` where scores are not numbers.
    package let prediction: Int?
    /// Whether some point breaks it at which the picture stays in its frame, so that no pixel is lost.
    package let isBrokenWhole: Bool

    /// Whether it is read rightly as it is and at every point.
    package var isRobust: Bool { isRight && wrongPoints == 0 }

    /// Whether it is read rightly as it is and at every point at which no pixel is lost.
    package var isRobustWhole: Bool { isRight && !isBrokenWhole }
  }

  /// Scans examples.
  ///
  /// Cost: a forward pass for each point of the grid and each example, and one for the example as it is.
  ///
  /// - Parameters:
  ///   - data: The examples, pictures.
  ///   - model: The model.
  ///   - threat: What the grid's parameters do; applied to pictures of any size.
  ///   - grid: The grid.
  ///   - margin: How far a picture may reach beyond its frame, in pixels.
  ///   - batch: How many inputs the model sees at once.
  ///   - progress: Told how many examples are done.
  /// - Throws: What reading the data and the model throw.
  package init(
    of data: Dataset, by model: any BatchedModel, threat: any ThreatModel, grid: ParameterGrid,
    margin: Int, batch: Int, progress: (Int) -> Void = { _ in }
  ) async throws {
    self.grid = grid
    let points = (0..<grid.count).map { grid.point($0) }
    var examples: [Scanned] = []
    var right = [Int](repeating: 0, count: points.count)
    for position in 0..<data.count {
      let example = try data.example(at: position)
      let scores = try await model.outputs(
        count: points.count + 1, batch: batch, isExact: true
      ) { part in
        .stacking(
          part.map { place in
            place == 0 ? example.input : threat.apply(points[place - 1], to: example.input)
          })
      }
      let labels = (0...points.count).map { ClassScore.prediction(of: scores.row($0).scalars) }
      let wrong = points.indices.filter { labels[$0 + 1] != example.label }
      for place in points.indices where labels[place + 1] == example.label { right[place] += 1 }
      let leads = points.indices.map { Self.lead(scores.row($0 + 1), of: example.label) }
      let worst = leads.indices.min { leads[$0] < leads[$1] } ?? 0
      let canvas = BlackCanvas.padded(
        example.input, rows: margin, columns: margin, black: data.bounds.lowerBound)
      let isBrokenWhole = wrong.contains { place in
        BlackCanvas.isWhole(
          threat.apply(points[place], to: canvas), rows: margin, columns: margin,
          black: data.bounds.lowerBound)
      }
      examples.append(
        Scanned(
          index: example.index, label: example.label, isRight: labels[0] == example.label,
          wrongPoints: wrong.count, worst: worst, prediction: labels[worst + 1],
          isBrokenWhole: isBrokenWhole))
      progress(position + 1)
    }
    self.examples = examples
    self.right = right
  }

  /// By how much a class leads over the next; least where scores are not numbers.
  private static func lead(_ scores: Tensor<Float>, of label: Int) -> Float {
    let values = scores.scalars
    // A single score is the logit of class 1 against class 0.
    if values.count == 1 {
      let lead = label == 1 ? values[0] : -values[0]
      return lead.isNaN ? -.infinity : lead
    }
    var next = -Float.infinity
    for (place, value) in values.enumerated() where place != label { next = max(next, value) }
    let lead = values[label] - next
    return lead.isNaN ? -.infinity : lead
  }
}
