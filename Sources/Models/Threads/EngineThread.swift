/// The one thread that runs engines.
///
/// OpenMP keeps a pool of threads for every thread that calls it; work from several threads would
/// multiply the pools and make them fight for the processors.
public final class EngineThread: Sendable {
  /// The thread shared by the whole process.
  public static let shared = EngineThread()

  private let queue = Queue()

  /// Starts a thread.
  public init() {
    let queue = queue
    precondition(DetachedThread.start { queue.work() }, "no thread to run the engine on")
  }

  deinit { queue.close() }

  /// The number of threads that share a kernel's work: all processors unless it was limited.
  public var threadCount: Int { sync { OpenMP.threadCount } }

  /// Limits the threads that share a kernel's work, for all that is submitted later.
  ///
  /// Results are the same for any number up to the rounding of sums.
  public func limit(threads: Int) {
    precondition(threads >= 1, "work needs at least one thread")
    submit { OpenMP.setThreadCount(threads) }
  }

  /// Runs `work` after all work submitted before.
  public func submit(_ work: @escaping @Sendable () -> Void) { queue.append(work) }

  /// Runs work and suspends until its result is there.
  public func run<Result: Sendable>(
    _ work: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      submit { continuation.resume(with: Swift.Result { try work() }) }
    }
  }

  /// Runs work and waits for its result; must not be called on the engine thread itself.
  public func sync<Result: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let box = Box<Swift.Result<Result, Failure>>()
    submit {
      do throws(Failure) { box.fill(.success(try work())) } catch { box.fill(.failure(error)) }
    }
    return try box.wait().get()
  }

  /// A place for one value, filled by one thread and awaited by another.
  ///
  /// `@unchecked Sendable` because its state is guarded by its lock.
  private final class Box<Value: Sendable>: @unchecked Sendable {
    private let lock = Lock()
    private var value: Value?

    func fill(_ value: Value) {
      lock.withLock {
        self.value = value
        lock.signal()
      }
    }

    func wait() -> Value {
      lock.withLock {
        while true {
          if let value { return value }
          lock.wait()
        }
      }
    }
  }

  /// `@unchecked Sendable` because its state is guarded by its lock.
  private final class Queue: @unchecked Sendable {
    private let lock = Lock()
    private var waiting: [@Sendable () -> Void] = []
    private var isClosed = false

    func append(_ work: @escaping @Sendable () -> Void) {
      lock.withLock {
        waiting.append(work)
        lock.signal()
      }
    }

    func close() {
      lock.withLock {
        isClosed = true
        lock.signal()
      }
    }

    func work() {
      while true {
        let batch = lock.withLock { () -> [@Sendable () -> Void] in
          while waiting.isEmpty && !isClosed { lock.wait() }
          defer { waiting.removeAll(keepingCapacity: true) }
          return waiting
        }
        if batch.isEmpty { return }
        for work in batch { work() }
      }
    }
  }
}
