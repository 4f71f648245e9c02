import Datasets
import Evaluation
import Files
import Networks
import Remote
import Reports
import Robustness
import Synchronization
import Tensors

/// The verdicts that an evaluation has reached so far, kept in a file from time to time.
///
/// The file is safetensors: the changed inputs as the tensor `witness`, everything else as JSON in the metadata.
final class EvaluationJournal: Sendable {
  private struct State {
    var verdicts: [Int: Verdict] = [:]
    var seconds = 0.0
    var start = ContinuousClock.now
    var written = ContinuousClock.now
    /// How long the last writing took.
    var cost = Duration.zero
    var isWriting = false
  }

  private let path: String?
  private let order: [Int]
  private let shape: Shape
  private let fingerprint: EvaluationFingerprint
  private let state: Mutex<State>

  /// Begins, with what the file holds if there is one.
  ///
  /// - Throws: `BadArgument` if the file is none of these, or belongs to another evaluation.
  init(_ request: EvaluationRun.Request) throws {
    path = request.state
    shape = request.subject.input.shape
    order = (0..<request.data.count).map { request.data.index(at: $0) }
    fingerprint = try EvaluationFingerprint(request)
    var initial = State()
    if let path, WholeFile.exists(path) {
      let stored = try StoredEvaluation(
        path: path, fingerprint: fingerprint, shape: shape,
        stageCount: request.suite.members.count, indices: Set(order))
      initial.verdicts = stored.verdicts
      initial.seconds = stored.seconds
      Terminal.note(
        "gibbon: going on with \(stored.verdicts.count) of \(order.count) examples that \(path) holds"
      )
    }
    state = Mutex(initial)
  }

  /// The number of verdicts.
  var count: Int { state.withLock { $0.verdicts.count } }

  /// All verdicts, in the order of the data.
  var verdicts: [Verdict] {
    let all = state.withLock { $0.verdicts }
    return order.compactMap { all[$0] }
  }

  /// Time spent on them, that of earlier runs included.
  var seconds: Double {
    state.withLock { $0.seconds + (ContinuousClock.now - $0.start).seconds }
  }

  func isDone(_ index: Int) -> Bool { state.withLock { $0.verdicts[index] != nil } }

  /// Adds a verdict.
  ///
  /// - Returns: The number there are now.
  func note(_ verdict: Verdict) -> Int {
    let count = state.withLock { state in
      state.verdicts[verdict.index] = verdict
      return state.verdicts.count
    }
    // Losing the file does not end the work; at the end of a piece it is tried again, aloud.
    try? writeIfDue(force: false)
    return count
  }

  /// Writes the file if that was long ago: at most a hundredth of the time is spent on it.
  func writeIfDue(force: Bool) throws {
    guard let path else { return }
    let isDue = state.withLock { state in
      let wait = max(.seconds(20), state.cost * 100)
      guard !state.isWriting, force || ContinuousClock.now - state.written > wait else {
        return false
      }
      state.isWriting = true
      return true
    }
    guard isDue else { return }
    let start = ContinuousClock.now
    defer {
      state.withLock { state in
        state.written = ContinuousClock.now
        state.cost = state.written - start
        state.isWriting = false
      }
    }
    let stored = StoredEvaluation(verdicts: state.withLock { $0.verdicts }, seconds: seconds)
    try AtomicFile.write(
      stored.encoded(fingerprint: fingerprint, shape: shape, name: path), to: path)
  }

  /// Writes the file, and says of a model that does not answer any more how to go on.
  ///
  /// - Returns: The error, with what is kept.
  func ending(by error: RemoteError) throws -> any Error {
    let count = self.count
    guard let path else {
      return BadArgument("\(error); --resume FILE or --json FILE would keep what is finished")
    }
    guard count > 0 else { return error }
    try writeIfDue(force: true)
    let answers =
      if case .budget(_, _, nil) = error {
        " (--cache FILE would keep all answers)"
      } else {
        error.cache.map { " and \($0) all answers" } ?? ""
      }
    return BadArgument(
      "\(error.cause); \(path) holds \(count) of \(order.count) examples"
        + "\(answers), and the same command goes on from there")
  }

  /// Writes the file and says what happened.
  func interruption() throws -> Interrupted {
    let count = self.count
    guard let path else {
      return Interrupted(
        description: "interrupted; with --resume FILE or --json FILE what is finished would be kept"
      )
    }
    guard count > 0 else { return Interrupted(description: "interrupted") }
    try writeIfDue(force: true)
    return Interrupted(
      description:
        "interrupted after \(count) of \(order.count) examples; \(path) holds them, and the same command goes on "
        + "from there")
  }
}
