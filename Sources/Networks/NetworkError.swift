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
  public var description: String {
    switch self {
    case .parameters(let architecture, let problems):
      "the parameters do not fit the architecture \(architecture): "
        + problems.prefix(6).joined(separator: ", ")
        + (problems.count > 6 ? ", and \(problems.count - 6) more" : "")
    case .unknownArchitecture(let name, let known):
      "no architecture is named \"\(name)\"\(name.suggestion(among: known)); known: "
        + known.joined(separator: ", ")
    case .input(let problem): problem
    case .file(let path, let problem):
      "\(path): \(problem)"
    }
  }
}
