import Reports
import Studies
/// What the demo tells while it works: a line for each stage when it is done.
struct Narration: Sendable {
  /// A stage that is done.
  struct Stage: Sendable {
    let name: String
    let seconds: Double
  }

  let total: Int
  let observer: Observer
  private(set) var stages: [Stage] = []

  init(stages total: Int, telling observer: Observer) {
    self.total = total
    self.observer = observer
  }

  /// Runs a stage, then says in a sentence what came of it and how long it took.
  mutating func stage<Result>(
    _ name: String, _ work: () async throws -> Result, telling sentence: (Result) -> String
  ) async throws -> Result {
    try Task.checkCancellation()
    let line = observer.begin(name, of: 0, "")
    let start = ContinuousClock.now
    let result = try await work()
    let seconds = (ContinuousClock.now - start).seconds
    stages.append(Stage(name: name, seconds: seconds))
    line.finish()
    observer.tell(
      .done(
        "[\(stages.count)/\(total)] \(sentence(result)) (\(Format.duration(seconds: seconds)))"))
    return result
  }
}
