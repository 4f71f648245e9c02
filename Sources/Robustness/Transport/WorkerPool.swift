import Models

/// The threads and buffers of runs, which outlive them: a run borrows what there is and makes what is missing.
///
/// So whoever runs often, as training does at every step, neither starts threads nor touches fresh memory each time.
/// Results do not depend on it. A thread ends with the pool, and after a second without work.
final class WorkerPool: Sendable {
  private let state = State()

  deinit { state.close() }

  /// Runs `body` on a thread that has nothing to do, or on a new one.
  ///
  /// - Returns: Whether there is a thread.
  func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    if state.hand(body) { return true }
    let first = Slot(body)
    return DetachedThread.start { [state] in
      first.take()?()
      while let next = state.next() { next() }
    }
  }

  /// Buffers for the rows of a batch.
  func storage(
    capacity: Int, inputCount: Int, outputCount: Int, withGradients: Bool
  ) -> BatchStorage {
    state.takeStorage {
      $0.capacity >= capacity && $0.inputCount == inputCount && $0.outputCount == outputCount
        && $0.hasGradients == withGradients
    }
      ?? BatchStorage(
        capacity: capacity, inputCount: inputCount, outputCount: outputCount,
        withGradients: withGradients)
  }

  /// Takes buffers back that nobody uses any more.
  func keep(_ storage: BatchStorage) { state.keep(storage) }

  /// Work that a thread lets go of when it is done, unlike what it was started with.
  ///
  /// `@unchecked Sendable`: written before the thread starts, then used by it alone.
  private final class Slot: @unchecked Sendable {
    private var body: (@Sendable () -> Void)?

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func take() -> (@Sendable () -> Void)? { body.take() }
  }

  /// What the threads hold on to, so that the pool itself can end.
  ///
  /// `@unchecked Sendable`: guarded by its lock.
  private final class State: @unchecked Sendable {
    private let lock = Lock()
    private var waiting: [@Sendable () -> Void] = []
    private var idle = 0
    private var isClosed = false
    private var spares: [BatchStorage] = []

    /// Gives work to an idle thread, if there is one.
    func hand(_ body: @escaping @Sendable () -> Void) -> Bool {
      lock.withLock {
        guard idle > waiting.count else { return false }
        waiting.append(body)
        lock.signal()
        return true
      }
    }

    /// Waits for work; `nil` when the thread is to end.
    func next() -> (@Sendable () -> Void)? {
      lock.withLock {
        idle += 1
        defer { idle -= 1 }
        // The steps of a training follow each other sooner; runners that are kept for later are to keep no threads.
        let end = ContinuousClock.now + .seconds(1)
        while waiting.isEmpty && !isClosed && ContinuousClock.now < end {
          lock.wait(milliseconds: 1000)
        }
        return waiting.popLast()
      }
    }

    func close() {
      lock.withLock {
        isClosed = true
        lock.broadcast()
      }
    }

    func takeStorage(where fits: (BatchStorage) -> Bool) -> BatchStorage? {
      lock.withLock { spares.lastIndex(where: fits).map { spares.remove(at: $0) } }
    }

    func keep(_ storage: BatchStorage) { lock.withLock { spares.append(storage) } }
  }
}

/// The contiguous buffers of one batch, used again and again.
///
/// `@unchecked Sendable` because it owns memory; one batch has it at a time.
final class BatchStorage: @unchecked Sendable {
  let capacity: Int
  let inputCount: Int
  let outputCount: Int
  let hasGradients: Bool
  let rows: UnsafeMutableBufferPointer<Float>
  let outputs: UnsafeMutableBufferPointer<Float>
  let gradients: UnsafeMutableBufferPointer<Float>
  let losses: UnsafeMutableBufferPointer<Double>

  init(capacity: Int, inputCount: Int, outputCount: Int, withGradients: Bool) {
    self.capacity = capacity
    self.inputCount = inputCount
    self.outputCount = outputCount
    hasGradients = withGradients
    rows = .allocate(capacity: capacity * inputCount)
    outputs = .allocate(capacity: capacity * outputCount)
    gradients = .allocate(capacity: withGradients ? capacity * inputCount : 0)
    losses = .allocate(capacity: capacity)
    rows.initialize(repeating: 0)
    outputs.initialize(repeating: 0)
    gradients.initialize(repeating: 0)
    losses.initialize(repeating: 0)
  }

  deinit {
    rows.deallocate()
    outputs.deallocate()
    gradients.deallocate()
    losses.deallocate()
  }
}
