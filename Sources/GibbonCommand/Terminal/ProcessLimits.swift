import Engine
import Models
import Platform
import Studies

/// What the system lets the process have, looked at before the work begins.
///
/// Where threads, files or memory run out in the middle, neither Swift's runtime nor the library that runs its tasks can
/// say so: the one ends the process by a signal, the other waits for a thread for ever.
enum ProcessLimits {
  /// Addresses that threads with their stacks, the tables of oneDNN and small allocations take; measured.
  private static let threadBytes = 8 << 20
  private static let otherBytes = 32 << 20

  /// Descriptors that a run has open at once: files, queues of events, what wakes threads.
  private static let descriptors = 8

  /// Makes sure that work can begin.
  ///
  /// - Throws: `StudyError` for too few open files or threads, `EngineError.memory` for too few addresses.
  static func check() throws {
    try checkEnvironment()
    try checkDescriptors()
    try checkAddresses()
    try checkThreads()
    if areAddressesLimited { explainFailures() }
  }

  /// What is said where memory runs out all the same, which the runtime answers by a signal.
  private static let lastWords: [UInt8] = {
    var limit = rlimit()
    _ = getrlimit(ProcessLimits.addresses, &limit)
    return Array(
      "gibbon: failed with its memory limited to \(limit.rlim_cur) bytes (ulimit -v), probably too few\n"
        .utf8)
  }()

  /// Turns what follows from memory that could not be had into a line and a status.
  private static func explainFailures() {
    // Made now, since a handler must not allocate.
    guard !lastWords.isEmpty else { return }
    for number in [SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGTRAP] {
      _ = signal(number) { _ in
        _ = ProcessLimits.lastWords.withUnsafeBytes {
          write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
        _exit(2)
      }
    }
  }

  /// The most threads that OpenMP may be asked for, as by `--threads`.
  private static let mostThreads = 1024

  /// More threads than any machine has end the process, or take minutes to start.
  private static func checkEnvironment() throws {
    guard let text = getenv("OMP_NUM_THREADS").map({ String(cString: $0) }),
      let most = text.split(separator: ",").compactMap({ Int($0) }).max(), most > mostThreads
    else { return }
    throw StudyError("OMP_NUM_THREADS is \(text); expected 1 to \(mostThreads)")
  }

  /// Tasks, kernels and those that wait for them.
  private static let threads = 3 * DetachedThread.processorCount + 6

  private static func checkDescriptors() throws {
    var opened: [Int32] = []
    defer { for number in opened { close(number) } }
    while opened.count < descriptors {
      let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
      guard number >= 0 else {
        var limit = rlimit()
        _ = getrlimit(ProcessLimits.files, &limit)
        throw StudyError(
          "\(descriptors) more files must be open at once, but only \(opened.count) can be; the limit is"
            + " \(limit.rlim_cur) (ulimit -n)")
      }
      opened.append(number)
    }
  }

  private static func checkAddresses() throws {
    guard ProcessLimits.areAddressesLimited, let available = SystemMemory().available else {
      return
    }
    let needed = threads * threadBytes + otherBytes
    guard available >= needed else {
      throw EngineError.memory(
        purpose: "the work of \(threads) threads", needed: needed, available: available)
    }
  }

  /// Starts as many threads as will be needed and ends them, for limits on them are of many kinds.
  private static func checkThreads() throws {
    let gate = Gate()
    var count = 0
    while count < threads, gate.startThread() { count += 1 }
    gate.open()
    guard count == threads else {
      throw StudyError(
        "\(threads) threads are needed at once, but the system allows \(count); check the limits of processes (ulimit"
          + " -u), memory (ulimit -v) and the control group")
    }
  }

  /// What threads wait at.
  ///
  /// `@unchecked Sendable`: guarded by its lock.
  private final class Gate: @unchecked Sendable {
    private let lock = Lock()
    private var isOpen = false
    private var waiting = 0

    /// Starts a thread that waits here.
    func startThread() -> Bool {
      lock.withLock { waiting += 1 }
      let isStarted = DetachedThread.start { [self] in
        lock.withLock {
          while !isOpen { lock.wait() }
          waiting -= 1
          lock.broadcast()
        }
      }
      if !isStarted { lock.withLock { waiting -= 1 } }
      return isStarted
    }

    /// Lets all threads go, and waits until they have gone.
    func open() {
      lock.withLock {
        isOpen = true
        lock.broadcast()
        while waiting > 0 { lock.wait() }
      }
    }
  }

  /// Whether the addresses of the process are limited (`ulimit -v`).
  static var areAddressesLimited: Bool {
    var limit = rlimit()
    return getrlimit(ProcessLimits.addresses, &limit) == 0 && limit.rlim_cur < 1 << 46
  }

  #if canImport(Glibc)
    private static let addresses = __rlimit_resource_t(RLIMIT_AS.rawValue)
    private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let addresses = RLIMIT_AS
    private static let files = RLIMIT_NOFILE
  #endif
}
