import Platform

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

/// A thread of the operating system that nobody joins.
package enum DetachedThread {
  private final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts a thread that runs `body` and ends.
  ///
  /// - Returns: Whether the system had a thread to give.
  @discardableResult
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    let box = Unmanaged.passRetained(Box(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    #if canImport(Glibc)
      var thread = pthread_t()
      let status = pthread_create(
        &thread, &attributes,
        { argument in
          if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
          return nil
        }, box.toOpaque())
    #else
      var thread: pthread_t?
      let status = pthread_create(
        &thread, &attributes,
        { argument in
          Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
          return nil
        }, box.toOpaque())
    #endif
    if status != 0 { box.release() }
    return status == 0
  }

  /// The number of processors online, at least 1.
  package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

/// A mutex with a condition, for threads that must sleep until there is work.
///
/// `@unchecked Sendable` because it owns two native handles, which are made to be shared.
package final class Lock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` while no other thread holds the lock.
  package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Sleeps until woken, possibly for no reason.
  ///
  /// The lock must be held; it is free meanwhile.
  package func wait() { pthread_cond_wait(condition, mutex) }

  /// Sleeps until woken or until the time is over.
  ///
  /// The lock must be held; it is free meanwhile.
  package func wait(milliseconds: Int) {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let nanoseconds = Int(time.tv_nsec) + milliseconds * 1_000_000
    time.tv_sec += nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    pthread_cond_timedwait(condition, mutex, &time)
  }

  /// Wakes one sleeper.
  package func signal() { pthread_cond_signal(condition) }

  /// Wakes every sleeper.
  package func broadcast() { pthread_cond_broadcast(condition) }
}
