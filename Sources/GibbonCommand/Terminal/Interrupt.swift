import Files
import Models
import Platform
import Synchronization

/// Turns the requests to end (Ctrl-C, `kill`, a terminal that closes) into cancellation of the work under way.
///
/// Work that ends by itself soon tells its own end. What has not ended after `patience`, such as a pass of a large network, is
/// left where it is: the thread that waits for signals then writes what is finished and ends the process. Where even that
/// does not come to an end, as without memory, the alarm does. A second signal ends the process at once.
enum Interrupt {
  /// What is to be done on another thread once a signal comes.
  private struct Plan {
    /// Stops the work.
    var cancel: (@Sendable () -> Void)?
    /// Writes what is finished, and says what happened.
    var save: (@Sendable () -> String)?
    /// How many bytes that writes.
    var size = 0
  }

  private static let plan = Mutex(Plan())

  /// Where the handler of the signals writes a byte.
  private static let entrance = Atomic<Int32>(-1)
  /// The signal that came first, and when, in milliseconds of some clock.
  private static let received = Atomic<Int32>(0)
  private static let time = Atomic<Int>(0)
  /// Who ends the process: nobody yet, the work itself, or the thread that waits for signals.
  private static let ender = Atomic(0)

  /// How long work may take to end by itself, in milliseconds; shorter where much has to be written then.
  private static let patience = 1200
  /// Bytes that are put together and written in a millisecond, on a slow machine.
  private static let pace = 400_000
  /// When the alarm looks for the first time, in milliseconds from the signal.
  private static let alarm = 1800
  /// When it ends the process even though the work is writing its end, unless a file is being written.
  private static let limit = 10_000
  /// Signals that come together are one request: `timeout` sends its own twice.
  private static let echo = 200

  /// Whether a signal has come.
  static var isOn: Bool { received.load(ordering: .relaxed) != 0 }

  /// The exit status of work that was interrupted.
  static var status: Int32 { 128 + (isOn ? received.load(ordering: .relaxed) : SIGINT) }

  private static var now: Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
  }

  /// Takes over the signals.
  ///
  /// A handler and a pipe, since signals cannot be blocked and waited for: the runtime suspends the main thread
  /// with no signal blocked.
  static func prepare() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    // Programs that are started are not to hold them.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    entrance.store(ends[1], ordering: .relaxed)
    // What is made when it is used first is not to be made by a handler.
    _ = AtomicFile.isWriting && isOn && ender.load(ordering: .relaxed) > 0
    let exit = ends[0]
    let isWaiting = DetachedThread.start {
      var byte: UInt8 = 0
      while read(exit, &byte, 1) != 1 {}
      AtomicFile.hurry()
      end()
    }
    guard isWaiting else { return }
    _ = signal(SIGALRM) { _ in Interrupt.lookAgain() }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let previous = signal(number) { Interrupt.receive($0) }
      // Whoever started the command may have chosen that it should not be disturbed.
      if unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        _ = signal(number, SIG_IGN)
      }
    }
  }

  // MARK: - In handlers of signals, where little is allowed

  private static func receive(_ number: Int32) {
    let code = errno
    let (isFirst, _) = time.compareExchange(expected: 0, desired: now, ordering: .relaxed)
    if isFirst {
      received.store(number, ordering: .relaxed)
      wake(after: alarm)
      var byte: UInt8 = 0
      _ = write(entrance.load(ordering: .relaxed), &byte, 1)
    } else if now - time.load(ordering: .relaxed) > echo {
      _exit(128 + number)
    }
    errno = code
  }

  private static func lookAgain() {
    let isEnding =
      ender.load(ordering: .relaxed) != 0 && now - time.load(ordering: .relaxed) < limit
    guard isEnding || AtomicFile.isWriting else { _exit(status) }
    wake(after: 200)
  }

  private static func wake(after milliseconds: Int) {
    var timer = itimerval()
    timer.it_value.tv_sec = milliseconds / 1000
    timer.it_value.tv_usec = .init(milliseconds % 1000 * 1000)
    #if canImport(Glibc)
      setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
    #else
      setitimer(ITIMER_REAL, &timer, nil)
    #endif
  }

  // MARK: - On other threads

  /// What the thread does that waits for signals.
  private static func end() {
    let (cancel, save, size) = plan.withLock { ($0.cancel, $0.save, $0.size) }
    if let cancel {
      cancel()
      let patience = max(patience - size / pace, 100)
      while now - time.load(ordering: .relaxed) < patience {
        if ender.load(ordering: .relaxed) != 0 { return }
        usleep(20_000)
      }
    }
    guard ender.compareExchange(expected: 0, desired: 2, ordering: .relaxed).exchanged else {
      return
    }
    leave(cancel == nil ? "interrupted" : save?() ?? "interrupted")
  }

  /// Says what happened and ends the process; other threads may still be at work.
  static func leave(_ message: String) -> Never {
    Terminal.error(message)
    FileClaim.removeAll()
    AtomicFile.betweenWrites { _exit(status) }
  }

  /// Tells that the work has ended and that what called it says so; where the process is being ended already, this waits
  /// for it.
  static func beginEnd() {
    let (_, before) = ender.compareExchange(expected: 0, desired: 1, ordering: .relaxed)
    while before == 2 { sleep(1) }
  }

  /// Runs work that a signal cancels.
  static func guarding<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await work() }
    plan.withLock { $0.cancel = { task.cancel() } }
    // A signal that came before found no work to cancel.
    if isOn { task.cancel() }
    defer { plan.withLock { $0.cancel = nil } }
    let result = await task.result
    if isOn { beginEnd() }
    return try result.get()
  }

  /// Lets a signal wait for the end of what is done on this thread, or no longer.
  static func hold(_ isOn: Bool) {
    plan.withLock { plan in
      plan = Plan()
      if isOn { plan.cancel = {} }
    }
  }

  /// Says how what is finished is written where the work does not end soon; that may happen on another thread while it
  /// goes on.
  ///
  /// - Parameters:
  ///   - save: Writes it, and says what happened; `nil` if there is nothing to be written any more.
  ///   - size: How many bytes it writes, where that takes long.
  static func saving(_ save: (@Sendable () -> String)?, size: Int = 0) {
    plan.withLock { ($0.save, $0.size) = (save, size) }
  }
}
