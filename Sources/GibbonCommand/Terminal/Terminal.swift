import Files
import Platform
import Remote
import Reports
import Studies
import Synchronization

/// What people read while the command runs.
enum Terminal {
  /// Whether standard error is a terminal, so that a line may be overwritten.
  static let showsProgress = isatty(STDERR_FILENO) == 1

  /// The width of lines that is asked for by the variable COLUMNS, or of the terminal that standard output is, if any.
  static var columns: Int? {
    if let text = getenv("COLUMNS"), let width = Int(String(cString: text)), width > 0 {
      return width
    }
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 else {
      return nil
    }
    return size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  /// One line about what was wrong.
  static func error(_ message: String) {
    let line = Address.hidden(in: message).split(whereSeparator: \.isNewline).joined(separator: " ")
      .terminalSafe
    try? write("gibbon: \(line)\n", to: STDERR_FILENO)
  }

  /// One line about what may be wrong.
  static func warning(_ message: String) {
    let line = Address.hidden(in: message).split(whereSeparator: \.isNewline).joined(separator: " ")
      .terminalSafe
    try? write("gibbon: warning: \(line)\n", to: STDERR_FILENO)
  }

  /// One line about what is going on.
  static func note(_ message: String) {
    try? write(Address.hidden(in: message).terminalSafe + "\n", to: STDERR_FILENO)
  }

  /// The result, on standard output; what files supply in it can neither drive a terminal nor deceive.
  ///
  /// - Throws: `FileError` if it cannot be written, as on a full disk.
  static func print(_ result: String) throws {
    do {
      try write(result.terminalSafeLines + "\n", to: STDOUT_FILENO)
    } catch {
      throw FileError(path: outputName, action: "write the result", code: error.code)
    }
  }

  /// What standard output is called in errors.
  fileprivate static let outputName = "standard output"

  /// Replaces the last line; what a line of the terminal has no room for is left out, since it could not be replaced.
  static func overwrite(_ message: String) {
    var line = message.terminalSafe
    var size = winsize()
    if ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 {
      line = String(line.prefix(Int(size.ws_col) - 1))
    }
    try? write("\r\u{1B}[2K" + line, to: STDERR_FILENO)
  }

  private struct WriteError: Error { let code: Int32 }

  private static func write(_ text: String, to descriptor: Int32) throws(WriteError) {
    let bytes = Array(text.utf8)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      let code = errno
      if count < 0 && code == EINTR { continue }
      guard count > 0 else { throw WriteError(code: code) }
      rest = rest.dropFirst(count)
    }
  }
}

extension FileError {
  /// Whether nobody reads standard output any more.
  var isClosedOutput: Bool { path == Terminal.outputName && code == EPIPE }
}

private let systemWrite = Platform.write

/// Shows what a study tells on standard error, and says to the signals how what is finished is kept.
enum TerminalObserver {
  /// The observer of all studies of the command.
  static let observer = Observer { receive($0) }

  private static let shown = Mutex<(stage: Int, time: ContinuousClock.Instant)?>(nil)

  private static func receive(_ event: StudyEvent) {
    switch event {
    case .began(let stage):
      // A stage without parts is named once.
      if stage.total == 0, Terminal.showsProgress { Terminal.overwrite("\(stage.title) ...") }
    case .broke: break
    case .progress(let progress): show(progress)
    case .ended: clear()
    case .note(let line):
      clear()
      Terminal.note("gibbon: \(line)")
    case .warning(let line): Terminal.warning(line)
    case .done(let line): Terminal.note(line)
    case .resumable(let way): Interrupt.saving(way?.save, size: way?.size ?? 0)
    case .ending: Interrupt.beginEnd()
    }
  }

  /// Shows share, rate and time left on a line that overwrites itself, on terminals only.
  private static func show(_ progress: StudyEvent.Progress) {
    guard Terminal.showsProgress else { return }
    let (stage, done) = (progress.stage, progress.done)
    let now = ContinuousClock.now
    let isDue = shown.withLock { shown in
      if let last = shown, last.stage == stage.id, now - last.time < .milliseconds(100),
        done < stage.total
      {
        return false
      }
      shown = (stage.id, now)
      return true
    }
    guard isDue else { return }
    let rate = progress.rate
    var parts = [
      "\(stage.title) \(Format.count(done)) of \(Format.count(stage.total)) \(stage.unit)",
      "\(Format.fixed(rate, decimals: rate < 10 ? 1 : 0))/s",
    ]
    if let seconds = progress.secondsLeft {
      parts.append("\(Format.duration(seconds: seconds)) left")
    }
    if !progress.detail.isEmpty { parts.append(progress.detail) }
    Terminal.overwrite(parts.joined(separator: ", "))
  }

  private static func clear() { if Terminal.showsProgress { Terminal.overwrite("") } }
}

/// What the command finds open when it starts.
enum Streams {
  /// Makes sure that input, output and errors are open, and that a failed write is an error and not the end.
  ///
  /// Where one of the three is closed, the next file or pipe that is opened would get its number, and what is written for
  /// people would go there. This comes before anything else is opened.
  static func prepare() {
    for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(number, F_GETFD) < 0 && errno == EBADF {
      // The lowest number that is free is taken, which is this one.
      _ = open("/dev/null", O_RDWR)
    }
    // A pipe that nobody reads, and a file beyond the limit on sizes (`ulimit -f`).
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  /// Ends as programs do whose output nobody reads any more.
  static func endByPipe() -> Never {
    _ = signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
    exit(128 + SIGPIPE)
  }
}

/// How threads wait for one another.
enum Waiting {
  /// Makes threads that wait sleep soon, unless the environment says how they should wait.
  ///
  /// By default those of GNU OpenMP spin for milliseconds. On a machine that others use as well,
  /// they then hold the processors that the threads they wait for need: measured six times slower.
  /// The library reads its settings when it is loaded, so the program starts itself anew once.
  static func prepare() {
    #if canImport(Glibc)
      guard getenv("OMP_WAIT_POLICY") == nil, getenv("GOMP_SPINCOUNT") == nil,
        setenv("GOMP_SPINCOUNT", "1000", 0) == 0
      else { return }
      // Each thread would keep 64 MB of addresses for its allocations alone.
      if ProcessLimits.areAddressesLimited { setenv("MALLOC_ARENA_MAX", "2", 0) }
      var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
      // If it returns, it failed, and everything goes on as it is.
      execv("/proc/self/exe", &arguments)
      for argument in arguments { free(argument) }
    #endif
  }
}
