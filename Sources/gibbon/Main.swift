import ArgumentParser
import Files
import Platform
import Settings
import Studies

/// Parses, runs, and turns every error into one line and an exit status.
@main
enum Main {
  static func main() async {
    Streams.prepare()
    Waiting.prepare()
    Interrupt.prepare()
    Setting.spell { "--\($0)" }
    do {
      if let verb = CommandLine.arguments.dropFirst().first, !verb.hasPrefix("-") {
        try Gibbon.check(verb: verb)
      }
      var command = try Gibbon.parseAsRoot()
      if !(command is AttacksCommand || command is ConvertCommand) { try ProcessLimits.check() }
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as StudyInterrupted {
      Interrupt.beginEnd()
      Interrupt.leave(error.description)
    } catch is CancellationError {
      Interrupt.beginEnd()
      Interrupt.leave("interrupted")
    } catch let error as FileError where error.isClosedOutput {
      Streams.endByPipe()
    } catch {
      let code = Gibbon.exitCode(for: error)
      if code == .success {
        // Examples are to be copied, so that lines which fit 80 columns are never wrapped.
        let columns = Terminal.columns.map { max(80, $0) }
        try? Terminal.print(Gibbon.fullMessage(for: error, columns: columns))
        exit(0)
      }
      if error is ExitCode { exit(code.rawValue) }
      Terminal.error(Gibbon.line(for: error))
      exit(2)
    }
  }
}
