public import Networks
import Tensors

extension TrainingState {
  private enum Key {
    static let recipe = "recipe"
    static let seed = "seed"
    static let metrics = "metrics"
    static let step = "progress.step"
    static let running = "progress.running"
  }

  /// The state as a file that can be attacked, and from which training can be resumed unless it is finished.
  ///
  /// - Parameters:
  ///   - recipe: What the training follows.
  ///   - isFinished: Whether to leave out what only a trainer needs.
  ///   - history: Further lines for the file's metadata, such as the command.
  /// - Returns: The contents of the file.
  public func file(
    _ recipe: Recipe, isFinished: Bool, history: [String: String] = [:]
  ) -> NetworkFile {
    var lines = history
    lines[Key.recipe] = recipe.description
    lines[Key.seed] = String(recipe.seed)
    lines[Key.metrics] = epochs.map(\.line).joined(separator: "\n")
    if isFinished { return NetworkFile(network, history: lines) }
    lines[Key.step] = String(step)
    lines[Key.running] = "\(current.loss) \(current.correct) \(current.count)"
    return NetworkFile(network, history: lines, state: optimizer.state)
  }

  /// Continues from a file.
  ///
  /// - Parameters:
  ///   - file: What `file(_:isFinished:history:)` made of an unfinished training.
  ///   - name: What to call the file in messages.
  ///   - recipe: The recipe, which must be that of the file.
  /// - Throws: `TrainingError.recipe` or `TrainingError.checkpoint`.
  public init(resuming file: NetworkFile, named name: String, recipe: Recipe) throws(TrainingError)
  {
    let found = file.history[Key.recipe] ?? "none"
    guard found == recipe.description else {
      throw .recipe(file: name, expected: recipe.description, found: found)
    }
    guard let step = file.history[Key.step].flatMap({ Int($0) }), step >= 0 else {
      throw .checkpoint(file: name, problem: "the training it holds is finished")
    }
    let running = (file.history[Key.running] ?? "").split(separator: " ")
    guard running.count == 3, let loss = Double(running[0]), let correct = Int(running[1]),
      let count = Int(running[2])
    else { throw .checkpoint(file: name, problem: "its running sums are unreadable") }
    var epochs: [EpochRecord] = []
    for line in (file.history[Key.metrics] ?? "").split(separator: "\n") {
      guard let record = EpochRecord(line: String(line)) else {
        throw .checkpoint(file: name, problem: "its metrics are unreadable: \"\(line)\"")
      }
      epochs.append(record)
    }
    for (key, tensor) in file.state {
      let parameter = key.split(separator: "/").last.map(String.init) ?? key
      guard file.network.parameters[parameter]?.shape == tensor.shape else {
        throw .checkpoint(
          file: name, problem: "the optimiser's tensor \"\(key)\" fits no parameter")
      }
    }
    self.init(file.network, recipe: recipe)
    self.step = step
    self.epochs = epochs
    optimizer.state = file.state
    current.loss = loss
    current.correct = correct
    current.count = count
  }
}

extension EpochRecord {
  /// The record on one line that reads back exactly.
  var line: String {
    var parts = ["loss \(loss)", "accuracy \(accuracy)"]
    if let validationAccuracy { parts.append("validation \(validationAccuracy)") }
    if let robustAccuracy { parts.append("robust \(robustAccuracy)") }
    return parts.joined(separator: ", ")
  }

  init?(line: String) {
    var values: [String: Double] = [:]
    for part in line.split(separator: ",") {
      let words = part.split(separator: " ")
      guard words.count == 2, let value = Double(words[1]) else { return nil }
      values[String(words[0])] = value
    }
    guard let loss = values["loss"], let accuracy = values["accuracy"] else { return nil }
    self.init(
      loss: loss, accuracy: accuracy, validationAccuracy: values["validation"],
      robustAccuracy: values["robust"])
  }
}
