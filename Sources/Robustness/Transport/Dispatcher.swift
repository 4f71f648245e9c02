import Models
import Synchronization
import Tensors

/// Packs the requests of waiting rows into batches, runs them, and runs the rows they resume.
///
/// A batch is sent as soon as it is full, or when it is the largest there is and no row can run; a smaller one goes
/// once it was passed over too often, so that rows come to their end while others still search. Forward passes and
/// gradients go in batches of their own. `@unchecked Sendable`: its state is guarded by its lock.
final class Dispatcher: @unchecked Sendable {
  private let model: any BatchedModel
  private let batchSize: Int
  private let fitting: BatchFitting
  private let engine: EngineThread
  private let pool: WorkerPool
  private let workerCount: Int
  private let inputCount: Int

  private let lock = Lock()
  /// The batches being filled, by what they ask.
  private var open: [Batch?] = Pass.allCases.map { _ in nil }
  /// Full batches that wait for the engine.
  private var full: [Batch] = []
  private var isEngineBusy = false
  /// Batches that came back, with rows to be resumed.
  private var completed: [Batch] = []
  private var jobs = JobQueue()
  private var workers: [Worker] = []
  private var idleWorkers = 0
  /// Workers whose job the watch has given up on; others stand in for them.
  private var lostWorkers = 0
  private var ending: (any Error)?
  private var isClosed = false
  private let onError: @Sendable (any Error) -> Void

  /// The batches after which a smaller one goes first.
  private static let patience = 8

  /// The jobs that can run or are running, but for those nobody waits for.
  private let active = Atomic<Int>(0)

  init(
    model: any BatchedModel, fitting: BatchFitting, engine: EngineThread, pool: WorkerPool,
    workerCount: Int, onError: @escaping @Sendable (any Error) -> Void
  ) {
    self.model = model
    batchSize = fitting.rows
    self.fitting = fitting
    self.engine = engine
    self.pool = pool
    self.workerCount = workerCount
    self.onError = onError
    inputCount = model.inputShape.count
  }

  /// Starts the workers.
  func start() {
    for _ in 0..<workerCount { addWorker() }
  }

  /// Sends full batches only while `body` runs, because more rows are about to begin.
  func holdingBack(_ body: () -> Void) {
    active.wrappingAdd(1, ordering: .relaxed)
    body()
    active.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    settle()
  }

  /// Ends the workers once they are done with their present job; jobs made ready later never run.
  func close() {
    lock.withLock {
      isClosed = true
      lock.broadcast()
    }
  }

  /// Answers all requests, present and future, with an error.
  func fail(_ error: any Error) {
    lock.withLock {
      guard ending == nil else { return }
      ending = error
      let stranded = full + open.compactMap { $0 }
      full = []
      open = Pass.allCases.map { _ in nil }
      for batch in stranded {
        batch.fail(error)
        complete(batch)
      }
    }
  }

  /// The number of workers that a job has occupied for so long that they were replaced.
  var lostWorkerCount: Int { lock.withLock { lostWorkers } }

  /// Queues a request; called by the row that asks, as it begins to wait.
  func submit(_ request: Request) {
    let (refused, launched) = lock.withLock { () -> ((any Error)?, Batch?) in
      if let ending { return (ending, nil) }
      let batch = open[request.pass.rawValue] ?? openBatch(request.pass)
      batch.append(request)
      guard batch.isFull else { return (nil, nil) }
      open[request.pass.rawValue] = nil
      full.append(batch)
      return (nil, nextBatch())
    }
    if let refused { request.resume(with: .failure(refused)) }
    if let launched { launch(launched) }
  }

  /// Queues a job that has become ready by other means than an answer.
  func push(_ job: Job) {
    lock.withLock {
      guard !isClosed else { return }
      if job.isCounted { active.wrappingAdd(1, ordering: .relaxed) }
      jobs.append(job)
      if idleWorkers > 0 { lock.signal() }
    }
  }

  /// Looks after the workers; called every tick of the watch.
  ///
  /// - Parameter limit: The ticks after which a job counts as lost.
  func inspect(limit: Int) {
    let missing = lock.withLock { () -> Int in
      var missing = 0
      for worker in workers {
        guard let wasCounted = worker.giveUp(after: limit) else { continue }
        missing += 1
        lostWorkers += 1
        if wasCounted { active.wrappingSubtract(1, ordering: .relaxed) }
      }
      return missing
    }
    for _ in 0..<missing { addWorker() }
    settle()
  }

  // MARK: - With the lock held

  private func openBatch(_ pass: Pass) -> Batch {
    let storage = pool.storage(
      capacity: batchSize, inputCount: inputCount, outputCount: model.outputCount,
      withGradients: pass == .gradient)
    let batch = Batch(storage: storage, capacity: batchSize, pass: pass)
    open[pass.rawValue] = batch
    return batch
  }

  /// The batch to send now, if the engine is free.
  private func nextBatch() -> Batch? {
    if isEngineBusy || ending != nil { return nil }
    if !full.isEmpty {
      isEngineBusy = true
      return full.removeFirst()
    }
    guard active.load(ordering: .acquiring) == 0 else { return nil }
    let waiting = open.indices.filter { open[$0] != nil }
    let starved = waiting.first { (open[$0]?.passedOver ?? 0) >= Dispatcher.patience }
    let largest = waiting.max { (open[$0]?.count ?? 0) < (open[$1]?.count ?? 0) }
    guard let chosen = starved ?? largest, let batch = open[chosen] else { return nil }
    for other in waiting where other != chosen { open[other]?.passedOver += 1 }
    isEngineBusy = true
    open[chosen] = nil
    return batch
  }

  private func complete(_ batch: Batch) {
    active.wrappingAdd(batch.count, ordering: .relaxed)
    completed.append(batch)
    if idleWorkers > 0 { lock.broadcast() }
  }

  // MARK: - Engine

  private func launch(_ batch: Batch) {
    engine.submit { [self] in
      if let error = batch.run(on: model, fitting) { onError(error) }
      let next = lock.withLock {
        isEngineBusy = false
        complete(batch)
        return nextBatch()
      }
      if let next { launch(next) }
    }
  }

  /// Sends what there is if no row can run any more.
  private func settle() {
    if let batch = lock.withLock({ nextBatch() }) { launch(batch) }
  }

  // MARK: - Workers

  private func addWorker() {
    let worker = Worker()
    lock.withLock { workers.append(worker) }
    let isRunning = pool.start { [self] in worker.occupyThread { work(worker) } }
    if !isRunning { lock.withLock { workers.removeAll { $0 === worker } } }
  }

  private func work(_ worker: Worker) {
    while true {
      if let batch = worker.batch, let (request, result, isLast) = batch.claim() {
        if isLast { pool.keep(batch.storage) }
        resume(request, with: result, on: worker)
        if isRetired(worker) { return }
      } else if let job = nextJob(for: worker) {
        if let job {
          worker.begin(isCounted: job.isCounted)
          job.run()
          finish(worker, isCounted: job.isCounted)
          if isRetired(worker) { return }
        }
      } else {
        return
      }
    }
  }

  /// Resumes a row and runs it until it waits again, here and now: no queue, no lock.
  private func resume(
    _ request: Request, with result: Result<Reply, any Error>, on worker: Worker
  ) {
    worker.begin(isCounted: true)
    worker.keepsNextJob = true
    request.resume(with: result)
    worker.keepsNextJob = false
    if let job = worker.keptJob {
      worker.keptJob = nil
      job.run()
    }
    finish(worker, isCounted: true)
  }

  private func finish(_ worker: Worker, isCounted: Bool) {
    if worker.end() {
      worker.wasLost = true
    } else if isCounted,
      active.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue > 0
    {
      return
    }
    // Nobody waited for a job that was given up or never counted, but what it asked for may be all there is.
    settle()
  }

  /// Whether another worker has taken this one's place.
  private func isRetired(_ worker: Worker) -> Bool {
    guard worker.wasLost else { return false }
    return lock.withLock {
      lostWorkers -= 1
      workers.removeAll { $0 === worker }
      return true
    }
  }

  /// Waits for work: a job, or a batch to resume rows from (then the job is `nil`).
  ///
  /// - Returns: `nil` when the worker is to end.
  private func nextJob(for worker: Worker) -> Job?? {
    lock.withLock {
      worker.batch = nil
      while true {
        while let first = completed.first, first.isExhausted { completed.removeFirst() }
        if let batch = completed.first {
          worker.batch = batch
          return .some(nil)
        }
        if let job = jobs.popFirst() { return job }
        if isClosed {
          workers.removeAll { $0 === worker }
          return nil
        }
        idleWorkers += 1
        lock.wait()
        idleWorkers -= 1
      }
    }
  }
}
