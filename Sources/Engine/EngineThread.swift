import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The one thread on which every engine call runs.
///
/// OpenMP keeps a pool of worker threads for each thread that calls it; with one caller there is one pool.
public final class EngineThread: Sendable {
  /// The process's engine thread.
  public static let shared = EngineThread()

  private let queue: Queue

  private init() {
    let queue = Queue()
    self.queue = queue
    startThread(name: "gibbon-engine") {
      while true { queue.next()() }
    }
  }

  /// Runs work after everything submitted before it.
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
}

/// A first-in, first-out queue that blocks the reader while it is empty.
private final class Queue: @unchecked Sendable {
  // Guarded by the mutex; pthread primitives must not move, hence the pointers.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var items: [@Sendable () -> Void] = []
  private var head = 0

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(filled, nil)
  }

  func append(_ item: @escaping @Sendable () -> Void) {
    pthread_mutex_lock(mutex)
    items.append(item)
    pthread_cond_signal(filled)
    pthread_mutex_unlock(mutex)
  }

  func next() -> @Sendable () -> Void {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while head == items.count { pthread_cond_wait(filled, mutex) }
    let item = items[head]
    head += 1
    if head == items.count {
      items.removeAll(keepingCapacity: true)
      head = 0
    }
    return item
  }
}

/// A place for one value that is filled by one thread and waited for by another.
private final class Box<Value: Sendable>: @unchecked Sendable {
  // Guarded by the mutex.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let filled = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value?

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(filled, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(filled)
    mutex.deallocate()
    filled.deallocate()
  }

  func fill(_ value: Value) {
    pthread_mutex_lock(mutex)
    self.value = value
    pthread_cond_signal(filled)
    pthread_mutex_unlock(mutex)
  }

  func wait() -> Value {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let value { return value }
      pthread_cond_wait(filled, mutex)
    }
  }
}

/// Starts a detached thread with a stack large enough for oneDNN's code generator.
private func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
  final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setstacksize(&attributes, 16 << 20)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  let context = Unmanaged.passRetained(Body(body)).toOpaque()
  #if canImport(Glibc)
    var thread = pthread_t()
  #else
    var thread: pthread_t?
  #endif
  let status = pthread_create(
    &thread, &attributes,
    { context in
      #if canImport(Glibc)
        let body = context.map { Unmanaged<Body>.fromOpaque($0).takeRetainedValue() }
      #else
        let body: Body? = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
      #endif
      body?.run()
      return nil
    }, context)
  precondition(status == 0, "cannot start the thread \(name)")
}
