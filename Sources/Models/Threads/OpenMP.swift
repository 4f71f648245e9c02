import Platform

/// The OpenMP runtime that oneDNN runs on, reached through its entry points at run time.
///
/// Without libgomp (oneDNN built on another runtime) host kernels run on the calling thread alone.
package enum OpenMP {
  private typealias Body = @convention(c) (UnsafeMutableRawPointer?) -> Void
  private typealias Parallel =
    @convention(c) (Body, UnsafeMutableRawPointer?, UInt32, UInt32) ->
    Void
  private typealias Count = @convention(c) () -> Int32

  private struct Library: Sendable {
    let parallel: Parallel
    let threadNumber: Count
    let threadCount: Count
    let maximum: Count
    let setMaximum: @convention(c) (Int32) -> Void
  }

  private static let library: Library? = {
    guard let handle = dlopen(nil, RTLD_NOW), let parallel = dlsym(handle, "GOMP_parallel"),
      let number = dlsym(handle, "omp_get_thread_num"),
      let count = dlsym(handle, "omp_get_num_threads"),
      let maximum = dlsym(handle, "omp_get_max_threads"),
      let setMaximum = dlsym(handle, "omp_set_num_threads")
    else { return nil }
    return Library(
      parallel: unsafeBitCast(parallel, to: Parallel.self),
      threadNumber: unsafeBitCast(number, to: Count.self),
      threadCount: unsafeBitCast(count, to: Count.self),
      maximum: unsafeBitCast(maximum, to: Count.self),
      setMaximum: unsafeBitCast(setMaximum, to: (@convention(c) (Int32) -> Void).self))
  }()

  /// Sets the number of threads of parallel regions that the calling thread begins.
  static func setThreadCount(_ count: Int) { library?.setMaximum(Int32(clamping: count)) }

  /// The number of threads of a parallel region that the calling thread begins.
  package static var threadCount: Int { library.map { Int($0.maximum()) } ?? 1 }

  /// Keeps idle OpenMP threads from burning the processors that attack code needs.
  ///
  /// libgomp's threads spin for milliseconds after each parallel region, unless it manages more threads
  /// than there are processors; then they spin for some ten microseconds, which still bridges the gap
  /// between two primitives. A second, sleeping team makes it so. (Measured: with the machine shared,
  /// training against an attack is several times faster.)
  package static func shortenSpinning() {
    // Whoever runs the process has chosen otherwise.
    if getenv("GOMP_SPINCOUNT") != nil || getenv("OMP_WAIT_POLICY") != nil { return }
    _ = sleepingTeam
  }

  private static let sleepingTeam: Void = {
    guard let library else { return }
    let surplus = max(2, DetachedThread.processorCount - Int(library.maximum()) + 2)
    let lock = Lock()
    DetachedThread.start {
      library.parallel({ _ in }, nil, UInt32(surplus), 0)
      lock.withLock { while true { lock.wait() } }
    }
  }()

  /// Runs a body once for each part of a range, on the team of threads that oneDNN uses.
  ///
  /// Must be called on the engine thread.
  package static func split(_ count: Int, _ body: (Range<Int>) -> Void) {
    split(count) { range, _ in body(range) }
  }

  /// The same, for bodies that need to know which of `threadCount` threads runs them.
  package static func split(_ count: Int, _ body: (_ range: Range<Int>, _ thread: Int) -> Void) {
    guard let library, library.maximum() > 1, count > 1 else {
      if count > 0 { body(0..<count, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      var task = Task(library: library, count: count, body: body)
      withUnsafeMutablePointer(to: &task) { pointer in
        library.parallel(
          { context in
            guard let context else { return }
            let task = context.assumingMemoryBound(to: Task.self)
            let threads = Int(task.pointee.library.threadCount())
            let number = Int(task.pointee.library.threadNumber())
            let count = task.pointee.count
            let range = count * number / threads..<count * (number + 1) / threads
            if !range.isEmpty { task.pointee.body(range, number) }
          }, pointer, 0, 0)
      }
    }
  }

  private struct Task {
    let library: Library
    let count: Int
    let body: (Range<Int>, Int) -> Void
  }
}
