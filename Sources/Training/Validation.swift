import Datasets
import Engine
import Networks
import Robustness
import Tensors

extension Trainer.Validation {
  /// The share of examples classified rightly, and of those attacked the share that holds.
  func measure(
    _ model: CompiledNetwork, seed: UInt64
  ) async throws -> (natural: Double, robust: Double?) {
    let predictions = try await EngineThread.shared.run { try model.predictions(on: data) }
    let correct = zip(predictions, data.labels).count { $0 == $1 }
    let natural = Double(correct) / Double(data.count)
    let attacked = data.subset(offset: 0, count: attackedCount)
    guard let adversary, attacked.count > 0 else { return (natural, nil) }
    let shell = Shell(model: model, seed: seed)
    let problems = try attacked.examples.map {
      try Problem(index: $0.index, input: $0.input, label: $0.label, threat: adversary.threat)
    }
    let outcomes = try await shell.run(adversary.attack, on: problems)
    let robust = outcomes.count { $0.robust }
    return (natural, Double(robust) / Double(attacked.count))
  }
}

extension CompiledNetwork {
  /// The class with the largest score for each example; -1 where the scores are not numbers.
  func predictions(on data: Dataset, batch: Int = 128) throws -> [Int] {
    var predictions: [Int] = []
    predictions.reserveCapacity(data.count)
    var scores = [Float](repeating: 0, count: batch * outputCount)
    for start in stride(from: 0, to: data.count, by: batch) {
      let positions = start..<min(start + batch, data.count)
      let rows = try data.inputs(at: positions)
      try rows.scalars.withUnsafeBufferPointer { rows in
        try scores.withUnsafeMutableBufferPointer { scores in
          try evaluate(rows, count: positions.count, outputs: scores)
        }
      }
      for row in 0..<positions.count {
        let range = row * outputCount..<(row + 1) * outputCount
        predictions.append(
          Tensor(Array(scores[range]), shape: [outputCount]).indexOfMaximum ?? -1)
      }
    }
    return predictions
  }
}
