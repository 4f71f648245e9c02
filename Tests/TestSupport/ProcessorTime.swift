#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Seconds of a processor: what a limit in a test means on a machine that has other work, too.
package enum ProcessorTime {
  /// What a closure uses on its own thread.
  package static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = now
    try body()
    return now - start
  }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
