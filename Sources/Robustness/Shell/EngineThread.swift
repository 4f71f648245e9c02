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

  /// Runs `work` after all work submitted before.
  public func submit(_ work: @escaping @Sendable () -> Void) { queue.append(work) }

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
