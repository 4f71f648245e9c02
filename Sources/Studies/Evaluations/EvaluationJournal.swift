import Crypto
import Datasets
import Evaluation
import Files
import JSON
import Networks
import Platform
import Remote
import Settings
import Synchronization

/// The records that an evaluation has reached so far, each of which is added to a file as it comes.
///
/// The file is a `RecordFile`; its title is the evaluation's fingerprint, and each record a `StoredExample`.
final class EvaluationJournal: Sendable {
  private struct State {
    var records: [Int: ExampleRecord] = [:]
    var seconds = 0.0
    var start = ContinuousClock.now
    /// Opened with the first record.
    var file: RecordFile?
    /// What is not in the file, because it could not be written.
    var unwritten: [StoredExample] = []
    /// When writing failed last.
    var failed: ContinuousClock.Instant?

    /// Time spent until now.
    var total: Double { seconds + (ContinuousClock.now - start).seconds }
  }

  private let path: String?
  private let observer: Observer
  private let order: [Int]
  private let fingerprint: EvaluationFingerprint
  private let state: Mutex<State>

  /// After a failure the file is left alone for so long, and for the rest of the run not complained of again.
  private static let patience: Duration = .seconds(20)

  /// Begins, with what the file holds if there is one.
  ///
  /// - Throws: `StudyError` if the file is none of these, or belongs to another evaluation.
  init(_ request: EvaluationRun.Request, _ observer: Observer) throws {
    path = request.state
    self.observer = observer
    order = (0..<request.data.count).map { request.data.index(at: $0) }
    fingerprint = try EvaluationFingerprint(request)
    var initial = State()
    if let path, try RecordFile.beginning(of: path, kind: EvaluationFingerprint.start) != .nothing {
      var file = try Self.open(path, fingerprint)
      let (shape, stages) = (request.subject.input.shape, request.suite.members.count)
      let indices = Set(order)
      var unreadable = 0
      unreadable += try file.read { record in
        guard let stored = StoredExample(record, shape: shape, stageCount: stages),
          indices.contains(stored.record.index)
        else {
          unreadable += 1
          return
        }
        initial.records[stored.record.index] = stored.record
        initial.seconds = max(initial.seconds, stored.seconds)
      }
      initial.file = file
      if !initial.records.isEmpty || unreadable > 0 {
        observer.note(
          "going on with \(initial.records.count) of \(order.count) examples that \(path) holds"
            + (unreadable == 0
              ? ""
              : "; \(unreadable) of its records \(unreadable == 1 ? "is" : "are") damaged and left out")
        )
      }
    }
    state = Mutex(initial)
  }

  /// Opens the file of this evaluation, or begins it.
  private static func open(
    _ path: String, _ fingerprint: EvaluationFingerprint
  ) throws -> RecordFile {
    let (file, found) = try RecordFile.open(
      path, title: fingerprint.title, kind: EvaluationFingerprint.start)
    if let file { return file }
    switch found {
    case .damaged:
      throw StudyError(
        "\(path): the first line, which names the evaluation, is damaged; expected another name, or remove the file"
      )
    case .title(let title): throw fingerprint.difference(from: title, in: path)
    case .nothing, .foreign:
      throw StudyError("\(path): expected the file of an interrupted evaluation, or none")
    }
  }

  /// The number of records.
  var count: Int { state.withLock { $0.records.count } }

  /// All records, in the order of the data.
  var records: [ExampleRecord] {
    let all = state.withLock { $0.records }
    return order.compactMap { all[$0] }
  }

  /// Time spent on them, that of earlier runs included.
  var seconds: Double { state.withLock { $0.total } }

  /// Counts the time from now on.
  func begin() { state.withLock { $0.start = .now } }

  func isDone(_ index: Int) -> Bool { state.withLock { $0.records[index] != nil } }

  /// Adds a record, to the file as well, unless it is there.
  ///
  /// - Returns: The number there are now.
  func note(_ record: ExampleRecord) -> Int {
    state.withLock { state in
      let isNew = state.records.updateValue(record, forKey: record.index) == nil
      guard let path, isNew else { return state.records.count }
      state.unwritten.append(StoredExample(record, seconds: state.total))
      if state.failed.map({ ContinuousClock.now - $0 > Self.patience }) ?? true {
        let isFirst = state.failed == nil
        do {
          try write(&state, to: path)
        } catch {
          state.failed = .now
          // Losing the file does not end the work.
          if isFirst {
            observer.warn(
              "\(error); the evaluation continues, and finished examples are saved there once that works again"
            )
          }
        }
      }
      return state.records.count
    }
  }

  private func write(_ state: inout State, to path: String) throws {
    guard !state.unwritten.isEmpty else { return }
    var file = try state.file ?? Self.open(path, fingerprint)
    _ = try file.append(state.unwritten.map(\.encoded))
    state.file = file
    state.unwritten = []
  }

  /// Writes what could not be written before.
  ///
  /// - Returns: Why that does not work now either, to follow what happened.
  private func rest(_ path: String) -> String {
    state.withLock { state in
      do {
        try write(&state, to: path)
        return ""
      } catch {
        return ", but for the last \(state.unwritten.count), which are lost (\(error))"
      }
    }
  }

  /// The digest of the examples, where it was taken to compare them with those of an earlier run.
  var dataDigest: String? { fingerprint.dataDigest }

  /// Removes the file, whose records may be about other inputs.
  private func discard() {
    state.withLock { state in
      state.file = nil
      state.unwritten = []
      if let path { _ = unlink(path) }
    }
  }

  /// Says of a model that does not answer any more how to go on.
  ///
  /// - Returns: The error, with what is kept.
  func ending(by error: RemoteError) -> any Error {
    let count = self.count
    if error.voidsAnswers {
      discard()
      return error
    }
    guard let path else {
      return StudyError(
        "\(error); \(Setting.resume) FILE or \(Setting.json) FILE would keep the finished examples")
    }
    guard count > 0 else { return error }
    let lost = rest(path)
    let answers =
      if case .budget(_, _, nil) = error {
        " (\(Setting.cache) FILE would keep all answers)"
      } else {
        error.cache.map { " and \($0) all answers" } ?? ""
      }
    return StudyError(
      "\(error.cause); \(path) holds \(count) of \(order.count) examples\(lost)"
        + "\(answers); run the same command again to continue")
  }

  /// What happened where the evaluation is interrupted, and what is kept.
  var interruption: String {
    let count = self.count
    guard let path else {
      return
        "interrupted; \(Setting.resume) FILE or \(Setting.json) FILE would keep the finished examples"
    }
    guard count > 0 else { return "interrupted" }
    return
      "interrupted after \(count) of \(order.count) examples; \(path) holds them\(rest(path)); run the same command"
      + " again to continue"
  }
}

/// What two runs must have in common for one to go on where the other stopped: named parts, each a text.
struct EvaluationFingerprint: Hashable {
  let parts: [(name: String, value: String)]
  /// The digest of the examples; `nil` where nothing is kept that they must go with.
  let dataDigest: String?

  static func == (left: Self, right: Self) -> Bool {
    left.parts.elementsEqual(right.parts) { $0 == $1 }
  }

  func hash(into hasher: inout Hasher) {
    for part in parts {
      hasher.combine(part.name)
      hasher.combine(part.value)
    }
  }

  init(_ request: EvaluationRun.Request) throws {
    let data = request.data
    dataDigest = request.state == nil ? nil : try Digests.data(data)
    let skipped = request.skipsCertified ? [("certified examples", "not attacked")] : []
    parts =
      skipped + [
        ("model", Self.digest(of: request.subject)),
        ("data", Self.digest(of: data, dataDigest ?? "")),
        (
          "part of the data",
          "\(data.count) examples from \(data.count > 0 ? data.index(at: 0) : 0) on"
        ),
        ("threat", request.threatDescription),
        ("range", request.data.boundsColumns ? "columns" : "\(request.bounds)"),
        (
          "attacks",
          request.suite.members.map { "\($0.name): \($0.description)" }.joined(separator: "; ")
        ),
        ("seed", "\(request.seed)"),
        ("version", Version.text),
      ]
  }

  /// What titles of files begin with.
  static let start = "{\"gibbon_evaluation\":"

  /// The title of a file that holds the evaluation.
  var title: String {
    var of = JSONObject()
    for part in parts { of[part.name] = JSONValue(part.value) }
    let line: JSONValue = ["gibbon_evaluation": 3, "of": .object(of)]
    return line.text(.compact)
  }

  /// What is wrong with a file that has another title.
  func difference(from title: String, in path: String) -> StudyError {
    let of = (try? JSONValue(parsing: title))?["of"]
    func isHash(_ part: (name: String, value: String)) -> Bool { part.value.count == 64 }
    // Where a digest differs, what can be read often says why.
    for part in parts.filter({ !isHash($0) }) + parts.filter(isHash) {
      let stored = of?[part.name]?.stringValue ?? ""
      guard stored == part.value else {
        return StudyError(
          "\(path): holds another evaluation, which differs in: \(part.name)"
            + (isHash(part) ? "" : " ('\(stored)', and now it is '\(part.value)')")
            + "; expected the same, or remove the file")
      }
    }
    return StudyError(
      "\(path): holds an evaluation by another version of Gibbon; expected another name, or remove the file"
    )
  }

  /// All parameters, the form and what the input means; of a remote model, what it is called and answers with.
  private static func digest(of subject: Subject) -> String {
    guard case .here(let network, _) = subject.place else {
      return "\(subject.name), \(subject.knowledge) of \(subject.outputCount) classes"
        + (subject.remote?.digest.map { ", \($0)" } ?? "")
    }
    return Digests.network(network)
  }

  /// All examples, and what is said of their columns.
  private static func digest(of data: Dataset, _ examples: String) -> String {
    var hasher = SHA256()
    hasher.update(data: Array("\(data.exampleShape) \(examples)\n".utf8))
    if let columns = data.columns {
      hasher.update(data: Array("\(columns.lower) \(columns.upper) \(columns.isFixed)\n".utf8))
    }
    return String(hexadecimal: hasher.finalize())
  }
}
