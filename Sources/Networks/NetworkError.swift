import Files

/// Why a network cannot be had.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
  /// The parameters do not fit the architecture.
  case parameters(architecture: String, problems: [String])
  /// No architecture of this name is known.
  case unknownArchitecture(String, known: [String])
  /// What is said of a network's input does not fit it.
  case input(String)
  /// A file is not a network that this version can read.
  case file(String, String)

  /// One line that says what was expected and what was found.
  public var description: String { words.terminalSafe }

  private var words: String {
    switch self {
    case .parameters(let architecture, let problems):
      "the parameters do not fit the architecture \(architecture): " + NetworkError.list(problems)
    case .unknownArchitecture(let name, let known):
      "no architecture is named \"\(name)\"\(name.suggestion(among: known)); known: "
        + known.joined(separator: ", ")
    case .input(let problem): problem
    case .file(let path, let problem):
      "\(path): \(problem)"
    }
  }

  /// The beginning of a list of problems.
  ///
  /// What is surplus comes last, but often shows why something is missing.
  private static func list(_ problems: [String]) -> String {
    let surplus = problems.filter { $0.hasSuffix("is surplus") }
    let others = problems.filter { !$0.hasSuffix("is surplus") }
    let count = max(6 - surplus.count, 4)
    let shown = others.prefix(count) + surplus.prefix(6 - min(others.count, count))
    let rest = problems.count - shown.count
    // Names are the file's and may be of any length.
    return shown.map { $0.count > 200 ? "\($0.prefix(90))...\($0.suffix(90))" : $0 }
      .joined(separator: ", ") + (rest > 0 ? ", and \(rest) more" : "")
  }

  /// The problem alone, without the file's name.
  var problem: String {
    if case .file(_, let problem) = self { problem } else { description }
  }
}
