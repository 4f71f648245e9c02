public import Datasets
public import Models
import Robustness
import Tensors

extension Trainer.Validation {
  /// The share of examples classified rightly, and of those attacked the share that holds.
  func measure(
    _ model: any BatchedModel, seed: UInt64
  ) async throws -> (natural: Double, robust: Double?) {
    let predictions = try await model.predictions(on: data)
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

extension BatchedModel {
  /// The class with the largest output for each example of a data set.
  ///
  /// - Parameters:
  ///   - data: The examples, in the model's input shape; their targets do not matter.
  ///   - batch: The most examples in one call of the model.
  /// - Returns: A class for each example; `nil` where an output is NaN.
  /// - Throws: What reading the data and the model throw; `CancellationError` between batches.
  public func predictions(on data: Dataset, batch: Int = 128) async throws -> [Int?] {
    let outputs = try await outputs(count: data.count, batch: batch) { try data.inputs(at: $0) }
    return (0..<data.count).map { outputs.row($0).indexOfMaximum }
  }
}
