import Engine
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

  /// What a signal writes and the thread that waits for it reads.
  private static let ends: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }()

  /// Catches the signals from here on, except those that the caller had the process ignore.
  ///
  /// Blocking them and waiting for them would not do: the main thread of an asynchronous program
  /// is suspended with all signals unblocked, and would die of them.
  static func prepare() {
    let ends = ends
    guard ends.read >= 0 else { return }
    _ = DetachedThread.start {
      var byte: UInt8 = 0
      var isSecond = false
      while read(ends.read, &byte, 1) == 1 {
        let action = cancel.withLock { $0 }
        guard let action, !isSecond else { _exit(130) }
        isSecond = true
        action()
      }
    }
    for number in [SIGINT, SIGTERM] {
      var previous = sigaction()
      guard sigaction(number, nil, &previous) == 0, !isIgnored(previous) else { continue }
      signal(number) { _ in
        let code = errno
        var byte: UInt8 = 0
        _ = write(Interrupt.ends.write, &byte, 1)
        errno = code
      }
    }
  }

  private static func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Glibc)
      let handler = action.__sigaction_handler.sa_handler
    #else
      let handler = action.__sigaction_u.__sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
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
