import Studies
import Reports

/// What the demo tells while it works: a line for each stage when it is done.
struct Narration: Sendable {
  /// A stage that is done.
  struct Stage: Sendable {
    let name: String
    let seconds: Double
  }

  let total: Int
  private(set) var stages: [Stage] = []

  init(stages total: Int) { self.total = total }

  /// Runs a stage, then says in a sentence what came of it and how long it took.
  mutating func stage<Result>(
    _ name: String, _ work: () async throws -> Result, telling sentence: (Result) -> String
  ) async throws -> Result {
    try Task.checkCancellation()
    if Terminal.showsProgress { Terminal.overwrite("\(name) ...") }
    let start = ContinuousClock.now
    let result = try await work()
    let seconds = (ContinuousClock.now - start).seconds
    stages.append(Stage(name: name, seconds: seconds))
    if Terminal.showsProgress { Terminal.overwrite("") }
    Terminal.note(
      "[\(stages.count)/\(total)] \(sentence(result)) (\(Format.duration(seconds: seconds)))")
    return result
  }
}
