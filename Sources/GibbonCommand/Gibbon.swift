import ArgumentParser
import Attacks
import Files
import Platform
import Remote
import Settings
import Studies

/// The command.
struct Gibbon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gibbon",
    abstract: "Find out whether a classifier can be fooled, see how, and repair it.",
    discussion: """
      Begin with `gibbon demo`: it trains a small network on handwritten digits, fools it, trains one that \
      is harder to fool, and writes a report with the pictures.

      MODEL is a built-in network (\(ModelReference.builtInNames)) or a file: .safetensors as `gibbon train` \
      writes it, ONNX, or tensors alone (PyTorch's .pt and .pth, .safetensors of others) with --architecture. What \
      a file does not say of the input, --input-range, --mean, --std, --layout, --channels and --labels do. \
      `attack`, `evaluate` and `predict` also take a remote model: \(ModelReference.remote). It is sent \
      {"inputs": [...]} (by POST, or as a line), an array for each example, and answers {"outputs": [[...], ...]} or \
      {"labels": [...]}.
      DATA is mnist:test or mnist:train (built in), mnist:test@DIR, cifar10:test@DIR, cifar100:test@DIR, npz:FILE \
      (arrays x and y), npy:X,Y, idx:IMAGES,LABELS, images:DIR (a folder for each class) or csv:FILE; each file \
      may be gzipped.
      THREAT says what may change: linf:0.3, linf:8/255 (every value by at most that much) or l2:1.5 \
      (the Euclidean length of the change).

      Exit status: 0 done, 1 a demanded bound was not met, 2 bad input, or a result that could not be \
      written, 128 and a signal's number where it ended the run: 130 Ctrl-C, 143 kill, 129 a closed terminal.
      """,
    version: Version.text,
    subcommands: [
      DemoCommand.self, ClassifyCommand.self, AttackCommand.self, EvaluateCommand.self,
      MatrixCommand.self, CertifyCommand.self, CorruptCommand.self, ExplainCommand.self,
      ShowCommand.self,
      AttacksCommand.self, TrainCommand.self, PredictCommand.self, PlayCommand.self,
      ConvertCommand.self, InfoCommand.self,
    ])

  private static var verbs: [String] { names(of: configuration) }

  private static func names(of configuration: CommandConfiguration) -> [String] {
    configuration.subcommands.compactMap { $0.configuration.commandName }
  }

  /// The verb that words begin with, down to the one that runs, and as many of the words as name it.
  private static func verb(
    in words: [String]
  ) -> (command: (any ParsableCommand.Type)?, path: [String]) {
    var found: (command: (any ParsableCommand.Type)?, path: [String]) = (nil, [])
    for word in words {
      let configuration = (found.command ?? Gibbon.self).configuration
      guard
        let next = configuration.subcommands.first(where: { $0.configuration.commandName == word })
      else { break }
      found = (next, found.path + [word])
    }
    return found
  }

  /// Makes sure that the verbs that words begin with are known.
  ///
  /// - Throws: `StudyError` that lists the known ones.
  static func check(verbs words: [String]) throws {
    guard let first = words.first, !first.hasPrefix("-") else { return }
    try check(verb: first)
    let (command, path) = verb(in: words)
    guard let command, let word = words.dropFirst(path.count).first, !word.hasPrefix("-") else {
      return
    }
    let known = names(of: command.configuration)
    guard !known.isEmpty, word != "help" else { return }
    throw StudyError(
      "there is no command '\(path.joined(separator: " ")) \(word)'\(word.suggestion(among: known)); there are "
        + known.joined(separator: ", "))
  }

  private static func check(verb: String) throws {
    guard !(verbs + ["help"]).contains(verb) else {
      // What `help` is about is a verb, too.
      let words = CommandLine.arguments.dropFirst(2)
      if verb == "help", let other = words.first, other != verb, !other.hasPrefix("-") {
        try check(verb: other)
      }
      return
    }
    throw StudyError(
      "there is no command '\(verb)'\(verb.suggestion(among: verbs)); there are \(verbs.joined(separator: ", "))"
    )
  }

  /// What is said about an error; where the parser does not say what it expected, where to find that, and where an
  /// option is misspelt, which one was probably meant.
  static func line(for error: any Error) -> String {
    let words = Array(CommandLine.arguments.dropFirst())
    let (command, path) = verb(in: words)
    let isParsing = exitCode(for: error) == .validationFailure
    let help = "see \((["gibbon"] + path + ["--help"]).joined(separator: " "))"
    if isParsing || error is OptionError || error is UnknownOption,
      let (written, meant) = OptionNames.misspelt(of: command, in: words)
    {
      return "there is no option \(written) (did you mean \(meant)?); \(help)"
    }
    let message = message(for: error)
    let isExplained = message.contains("; expected ") || message.contains(": expected ")
    return isParsing && !isExplained ? "\(message); \(help)" : message
  }
}

/// Parses, runs, and turns every error into one line and an exit status.
@main
enum Main {
  static func main() async {
    Streams.prepare()
    Waiting.prepare()
    Interrupt.prepare()
    Setting.spell { "--\($0)" }
    do {
      try Gibbon.check(verbs: Array(CommandLine.arguments.dropFirst()))
      var command = try Gibbon.parseAsRoot()
      let computes = (command as? ConvertCommand)?.computes ?? !(command is AttacksCommand)
      if computes { try ProcessLimits.check() }
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

extension ShellWords {
  /// The words of the command that is running, but for what headers say and what is secret in addresses, while results are for others to read.
  static var ownWords: [String] {
    var words = ["gibbon"]
    for word in CommandLine.arguments.dropFirst() {
      if words.last == "--header" || word.hasPrefix("--header=") {
        words.append(word.prefix { $0 != ":" } + ": ...")
      } else {
        words.append(
          word.hasPrefix("http://") || word.hasPrefix("https://")
            ? Address(word).shown : Address.hidden(in: word))
      }
    }
    return words
  }
}
