import ArgumentParser

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Parses, runs, and turns every error into one line and an exit status.
@main
enum Main {
  static func main() async {
    Waiting.prepare()
    Interrupt.prepare()
    do {
      if let verb = CommandLine.arguments.dropFirst().first, !verb.hasPrefix("-") {
        try Gibbon.check(verb: verb)
      }
      var command = try Gibbon.parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as Interrupted {
      Terminal.error(error.description)
      exit(130)
    } catch is CancellationError {
      Terminal.error("interrupted")
      exit(130)
    } catch {
      let code = Gibbon.exitCode(for: error)
      if code == .success { Gibbon.exit(withError: error) }
      if error is ExitCode { exit(code.rawValue) }
      Terminal.error(Gibbon.line(for: error))
      exit(2)
    }
  }
}
