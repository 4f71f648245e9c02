import Models
import Synchronization
import Tensors

/// One run over many problems: admits rows, watches them, and collects what they return.
///
/// `@unchecked Sendable`: its state is guarded by its lock.
final class ActiveRun<Value: Sendable>: @unchecked Sendable {
  /// What a run does with its rows.
  struct Work: Sendable {
    /// Works on a row to its end.
    let live: @Sendable (Session) async throws -> Value
    /// Reports on a row without running the attack.
    let skip: @Sendable (Session) async throws -> Value
    /// Works on what is left of a row that was taken from its attack.
    let rescue: @Sendable (Session, Failure) async throws -> Value
    /// Told of every value, on whatever thread, with the number of rows finished.
    var progress: (@Sendable (Int, Value) -> Void)?
  }

  private struct Entry {
    /// The work on a row; its successor once it was taken from an attack that does not come back.
    var session: Session
    var task: Task<Void, Never>?
    /// The requests that the watch counted last, and the ticks for which they have not grown.
    var requests = 0
    var ticks = 0
    /// Whether a successor is being made, so that what ends the row ends nothing else.
    var isAbandoned = false
  }

  private let problems: [Problem]
  private let settings: RunSettings
  private let work: Work
  private let stallTicks: Int
  private let capacity: Int
  private let dispatcher: Dispatcher
  private let pool: WorkerPool

  private let lock = Lock()
  private var continuation: UnsafeContinuation<[Value], any Error>?
  private var entries: [Int: Entry] = [:]
  private var admitted = 0
  private var finished = 0
  /// How often each stage stalled.
  private var stalls: [Int]
  private var values: [Value?]
  private var ending: (any Error)?
  private var isOver = false

  init(
    _ problems: [Problem], settings: RunSettings, runner: AttackRunner, work: Work
  ) {
    self.problems = problems
    self.settings = settings
    self.work = work
    pool = runner.pool
    values = Array(repeating: nil, count: problems.count)
    stalls = Array(repeating: 0, count: settings.stages.count)
    // More rows than there are problems never come together.
    let fitting = BatchFitting(
      batch: min(runner.batch, max(1, problems.count)), inputCount: runner.model.inputShape.count,
      memory: runner.memory, report: runner.onSplit)
    // With a batch in the engine and two kinds of requests, two batches less one row may wait
    // without filling either; so three batches of rows always fill one.
    capacity = 3 * fitting.rows
    stallTicks = max(1, Int(runner.stallLimit / .milliseconds(StallLimits.tick)))
    let relay = Relay()
    dispatcher = Dispatcher(
      model: runner.model, fitting: fitting, engine: runner.engine, pool: pool,
      workerCount: runner.workers, onError: { relay.stop($0) })
    relay.activeRun = self
  }

  /// Runs to the end.
  ///
  /// - Throws: What the model threw; `CancellationError` if the task was cancelled.
  func run() async throws -> [Value] {
    if problems.isEmpty { return [] }
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { start($0) }
    } onCancel: {
      stop(CancellationError())
    }
  }

  private func start(_ continuation: UnsafeContinuation<[Value], any Error>) {
    if let ending = lock.withLock({ ending }) { return continuation.resume(throwing: ending) }
    self.continuation = continuation
    dispatcher.start()
    dispatcher.holdingBack {
      for _ in 0..<min(capacity, problems.count) { admit() }
    }
    let isWatched = pool.start { self.watch() }
    if !isWatched { stop(AttackRunnerError.noThread) }
  }

  /// Ends the run early: nothing new begins, and all that waits is told.
  private func stop(_ error: any Error) {
    let tasks = lock.withLock { () -> [Task<Void, Never>] in
      guard ending == nil, !isOver else { return [] }
      ending = error
      for position in entries.keys { entries[position]?.ticks = 0 }
      return entries.values.compactMap(\.task)
    }
    dispatcher.fail(error)
    for task in tasks { task.cancel() }
  }

  // MARK: - Rows

  /// Begins the next problem, if there is one.
  private func admit() {
    let next = lock.withLock { () -> (position: Int, refused: Set<Int>)? in
      guard ending == nil, admitted < problems.count else { return nil }
      admitted += 1
      return (
        admitted - 1, Set(stalls.indices.filter { stalls[$0] >= StallLimits.stallCount })
      )
    }
    guard let (position, refused) = next else { return }
    let session: Session
    do {
      let access = try ModelAccess(
        problems[position], settings: settings, executor: SessionExecutor(dispatcher))
      session = Session(access, at: position, refusing: refused)
    } catch {
      return stop(error)
    }
    lock.withLock { entries[position] = Entry(session: session) }
    let body = refused.count == stalls.count ? work.skip : work.live
    begin(session) { try await body(session) }
  }

  /// Begins work on a row.
  private func begin(
    _ session: Session, _ body: @escaping @Sendable () async throws -> Value
  ) {
    let task = Task(executorPreference: session.access.executor) {
      await self.settle(session, body)
    }
    let isEnding = lock.withLock { () -> Bool in
      entries[session.position]?.task = task
      return ending != nil
    }
    if isEnding { task.cancel() }
  }

  /// Takes the value of a row, or learns that there will be none.
  private func settle(_ session: Session, _ body: () async throws -> Value) async {
    let position = session.position
    do {
      finish(position, try await body())
    } catch {
      // Either the run is ending or the row was abandoned, and then its successor reports on it.
      let isCurrent = lock.withLock {
        entries[position].map { $0.session.access === session.access && !$0.isAbandoned } ?? false
      }
      if lock.withLock({ ending }) != nil {
        finish(position, nil)
      } else if isCurrent {
        stop(error)
        finish(position, nil)
      }
    }
  }

  private func finish(_ position: Int, _ value: Value?) {
    let count = lock.withLock { () -> Int? in
      guard entries.removeValue(forKey: position) != nil else { return nil }
      finished += 1
      // What comes in while the run is ending may have been cut short by that.
      guard ending == nil else { return 0 }
      values[position] = value
      return finished
    }
    guard let count else { return }
    if count > 0, let value { work.progress?(count, value) }
    admit()
    endIfDone()
  }

  private func endIfDone() {
    let waiting = lock.withLock { () -> UnsafeContinuation<[Value], any Error>? in
      guard entries.isEmpty, ending != nil || finished == problems.count else { return nil }
      isOver = true
      lock.broadcast()
      defer { continuation = nil }
      return continuation
    }
    guard let waiting else { return }
    dispatcher.close()
    if let ending { return waiting.resume(throwing: ending) }
    waiting.resume(returning: values.compactMap { $0 })
  }

  // MARK: - The watch

  private func watch() {
    while true {
      let isOver = lock.withLock { () -> Bool in
        if !self.isOver { lock.wait(milliseconds: StallLimits.tick) }
        return self.isOver
      }
      if isOver { return }
      dispatcher.inspect(limit: StallLimits.patience)
      for session in stalledSessions() { abandon(session) }
      endIfDone()
    }
  }

  /// The rows that have done nothing for too long while it was their turn.
  private func stalledSessions() -> [Session] {
    lock.withLock {
      let limit = ending == nil ? stallTicks : min(stallTicks, StallLimits.grace)
      var stalled: [Session] = []
      // By places, because a loop over the entries would hold on to them and make every note copy them all.
      var place = entries.startIndex
      while place != entries.endIndex {
        if let session = note(&entries.values[place], limit: limit) { stalled.append(session) }
        entries.formIndex(after: &place)
      }
      return stalled
    }
  }

  /// Notes what a row did since the last look, with the lock held.
  ///
  /// - Returns: Its session if it has done nothing for too long.
  private func note(_ entry: inout Entry, limit: Int) -> Session? {
    // Of a row without a stage left nothing can be taken any more.
    if entry.session.firstStage > settings.stages.count { return nil }
    let executor = entry.session.access.executor
    let requests = executor.requests.load(ordering: .relaxed)
    if executor.pending.load(ordering: .relaxed) > 0 || requests != entry.requests {
      entry.requests = requests
      entry.ticks = 0
      return nil
    }
    entry.ticks += 1
    if entry.ticks == StallLimits.patience { executor.isCounted.store(false, ordering: .relaxed) }
    guard entry.ticks >= limit else { return nil }
    stalls[min(entry.session.access.ledger.entries.stage ?? 0, stalls.count - 1)] += 1
    return entry.session
  }

  /// Takes a row from an attack that does not come back, and goes on without it.
  private func abandon(_ session: Session) {
    let position = session.position
    // From here on the row's attack is told that its time is over, which is no end of the run.
    lock.withLock { entries[position]?.isAbandoned = true }
    let successor = Session(succeeding: session, executor: SessionExecutor(dispatcher))
    let (task, isEnding) = lock.withLock { () -> (Task<Void, Never>?, Bool) in
      let task = entries[position]?.task
      if entries[position] != nil { entries[position] = Entry(session: successor) }
      return (task, ending != nil)
    }
    task?.cancel()
    if isEnding { return finish(position, nil) }
    begin(successor) { try await self.work.rescue(successor, .stalled) }
  }

  /// Breaks the cycle between a run and its dispatcher.
  ///
  /// `@unchecked Sendable`: written once, before use.
  private final class Relay: @unchecked Sendable {
    weak var activeRun: ActiveRun?
    func stop(_ error: any Error) { activeRun?.stop(error) }
  }
}

/// The times by which a run watches its rows.
enum StallLimits {
  /// The milliseconds between two looks.
  static let tick = 10

  /// The ticks after which nobody waits for a row that computes without asking.
  static let patience = 5

  /// The ticks that a row gets to end once the run is ending.
  static let grace = 100

  /// The number of stalls after which the attack is not tried on further examples: each may hold a
  /// thread for good, which no one can take back.
  static let stallCount = 64
}
