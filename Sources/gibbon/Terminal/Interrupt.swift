import Engine
import Files
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Work that was stopped by Ctrl-C, with what to say about it.
struct Interrupted: Error, CustomStringConvertible {
  let description: String
}

/// Turns Ctrl-C into cancellation of the work under way; a second one ends the process at once.
enum Interrupt {
  private static let cancel = Mutex<(@Sendable () -> Void)?>(nil)

  /// Must run before any other thread starts, since threads inherit which signals they receive.
  static func prepare() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let waited = signals
    _ = DetachedThread.start {
      var received: Int32 = 0
      var isSecond = false
      while true {
        var signals = waited
        guard sigwait(&signals, &received) == 0 else { continue }
        let action = cancel.withLock { $0 }
        guard let action, !isSecond else { AtomicFile.betweenWrites { _exit(130) } }
        isSecond = true
        action()
      }
    }
  }

  /// Runs work that Ctrl-C cancels.
  static func guarding<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await work() }
    cancel.withLock { $0 = { task.cancel() } }
    defer { cancel.withLock { $0 = nil } }
    return try await task.value
  }
}
