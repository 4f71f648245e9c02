import Platform

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
