public import Corruptions
public import Datasets
public import Models
public import Tensors

extension Corruptor {
  /// What a model makes of examples that are corrupted in several draws.
  public struct Verdicts: Sendable, Hashable {
    /// Whether each example is read rightly in the first draw.
    public internal(set) var right: [Bool] = []
    /// Whether each example is read rightly in every draw.
    public internal(set) var always: [Bool] = []
    /// The draw of each example that misleads the model most.
    public internal(set) var worstDraw: [Int] = []
  }

  /// Runs a model on corrupted examples.
  ///
  /// Cost: a forward pass for each example and draw; of corruptions that draw nothing one for each example.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - data: Examples whose targets are classes.
  ///   - cell: The corruption.
  ///   - draws: How many draws to search for the worst, 1 or more.
  ///   - batch: How many examples the model sees at once; results do not depend on it.
  ///   - progress: Told how many examples are done.
  /// - Returns: What came of it, example by example.
  /// - Throws: What the model or the data throw; `CancellationError` where the task is cancelled.
  public func verdicts(
    of model: any BatchedModel, on data: Dataset, by cell: CorruptionGrid.Cell, draws: Int = 1,
    batch: Int = 128, progress: (Int) -> Void = { _ in }
  ) async throws -> Verdicts {
    precondition(draws > 0 && batch > 0, "no draws, or no examples at once")
    var verdicts = Verdicts()
    for start in stride(from: 0, to: data.count, by: batch) {
      try Task.checkCancellation()
      let positions = start..<min(start + batch, data.count)
      var least = [Double](repeating: .infinity, count: positions.count)
      var worst = [Int](repeating: 0, count: positions.count)
      for draw in 0..<(cell.row.isDrawn ? draws : 1) {
        let inputs = try await inputs(of: data, at: positions, by: cell, draw: draw)
        let margins = try await Corruptor.margins(
          of: model, on: inputs, labels: data.labels(at: positions), batch: batch)
        if draw == 0 { verdicts.right += margins.map { $0 > 0 } }
        for (place, margin) in margins.enumerated() where margin < least[place] || draw == 0 {
          (least[place], worst[place]) = (margin, draw)
        }
      }
      verdicts.always += least.map { $0 > 0 }
      verdicts.worstDraw += worst
      progress(positions.upperBound)
    }
    return verdicts
  }

  /// By how much each label's score exceeds the others; what is no number counts as wrong.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - inputs: The inputs, with the batch as the outermost axis.
  ///   - labels: A class for each.
  ///   - batch: How many the model sees at once.
  /// - Returns: Above 0 where the model is right; at a tie, where the label comes first.
  /// - Throws: What the model throws.
  public static func margins(
    of model: any BatchedModel, on inputs: Tensor<Float>, labels: [Int], batch: Int
  ) async throws -> [Double] {
    let outputs = try await model.outputs(of: inputs, batch: batch, isExact: true)
    return labels.enumerated().map { row, label in
      let scores = outputs.row(row).scalars.map(Double.init)
      guard scores.allSatisfy({ !$0.isNaN }) else { return -.infinity }
      if scores.count == 1 {
        return label == 1
          ? scores[0] : (scores[0] > 0 ? -scores[0] : .leastNonzeroMagnitude - scores[0])
      }
      guard scores.indices.contains(label) else { return -.infinity }
      var margin = Double.infinity
      for (other, score) in scores.enumerated() where other != label {
        // Of equal scores the first one is the prediction.
        let difference = scores[label] - score
        margin = min(
          margin,
          difference == 0 || difference.isNaN
            ? (label < other ? .leastNonzeroMagnitude : 0) : difference)
      }
      return margin
    }
  }
}
