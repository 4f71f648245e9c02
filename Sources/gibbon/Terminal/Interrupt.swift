import Engine
import Files
import Remote
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

  /// Where the handler of the signals writes a byte for each.
  private static let entrance = Atomic<Int32>(-1)

  /// Takes over Ctrl-C and the polite request to end.
  ///
  /// A handler and a pipe, since signals cannot be blocked and waited for: the runtime parks the main thread
  /// with no signal blocked.
  static func prepare() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    entrance.store(ends[1], ordering: .relaxed)
    let exit = ends[0]
    let isWaiting = DetachedThread.start {
      var isSecond = false
      while true {
        var byte: UInt8 = 0
        guard read(exit, &byte, 1) == 1 else { continue }
        let action = cancel.withLock { $0 }
        guard let action, !isSecond else {
          Terminal.error("interrupted")
          AtomicFile.betweenWrites { _exit(130) }
        }
        isSecond = true
        action()
      }
    }
    guard isWaiting else { return }
    for number in [SIGINT, SIGTERM] {
      let previous = signal(number) { _ in
        let code = errno
        var byte: UInt8 = 0
        _ = write(Interrupt.entrance.load(ordering: .relaxed), &byte, 1)
        errno = code
      }
      // Whoever started the command may have chosen that it should not be disturbed.
      if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        _ = signal(number, SIG_IGN)
      }
    }
  }

  /// Runs work that Ctrl-C cancels, and the wait for a model elsewhere with it.
  static func guarding<Result: Sendable>(
    _ subject: Subject? = nil,
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await work() }
    cancel.withLock {
      $0 = {
        task.cancel()
        subject?.remote?.interrupt()
      }
    }
    defer { cancel.withLock { $0 = nil } }
    return try await task.value
  }
}
