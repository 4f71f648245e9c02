#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Ends the process.
func exit(status: Int32) -> Never {
  fflush(nil)
  #if canImport(Darwin)
    Darwin.exit(status)
  #elseif canImport(Glibc)
    Glibc.exit(status)
  #else
    Musl.exit(status)
  #endif
}

/// What the process asks of the system.
enum System {
  /// The largest amount of memory that this process ever held, in bytes.
  static var peakByteCount: Int {
    var usage = rusage()
    #if canImport(Glibc)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss * 1024
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }

  /// Forbids this process more memory than `byteCount`, and more processor time than `seconds`.
  static func limit(byteCount: Int, seconds: Int) {
    #if canImport(Glibc)
      var memory = rlimit(rlim_cur: rlim_t(byteCount), rlim_max: rlim_t(byteCount))
      setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
      var time = rlimit(rlim_cur: rlim_t(seconds), rlim_max: rlim_t(seconds))
      setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &time)
      var core = rlimit(rlim_cur: 0, rlim_max: 0)
      setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
    #endif
  }

  /// Replaces the contents of a short file, without waiting for the disk.
  static func record(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
    close(descriptor)
  }

  /// Runs this program anew with arguments.
  ///
  /// - Returns: The status with which it ended, or the negative number of the signal that ended it.
  static func run(_ arguments: [String]) -> Int32 {
    var words: [UnsafeMutablePointer<CChar>?] =
      ([CommandLine.arguments[0]] + arguments).map { strdup($0) }
    defer { words.forEach { free($0) } }
    words.append(nil)
    var process = pid_t()
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    guard posix_spawn(&process, CommandLine.arguments[0], nil, nil, words, &environment) == 0
    else {
      return 127
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
  }
}
