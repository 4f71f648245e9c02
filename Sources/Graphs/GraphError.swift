/// Why a network cannot be written as a graph.
public enum GraphError: Error, Equatable, CustomStringConvertible {
  /// An operator was given operands that it is not defined for.
  case operands(operator: String, expected: String, found: [Extents])
  /// A graph has no input, parameter or output of this name.
  case unknownName(String, kind: String, known: [String])
  /// A graph would have two inputs or parameters, or two outputs, of this name.
  case duplicateName(String, kind: String)
  /// A tensor bound to an input or parameter has another shape than the graph says.
  case shape(name: String, expected: Extents, found: String)

  /// One line that says what was expected and what was found.
  public var description: String {
    switch self {
    case .operands(let name, let expected, let found):
      "\(name) expects \(expected), found \(found.map(\.description).joined(separator: ", "))"
    case .unknownName(let name, let kind, let known):
      "no \(kind) is named \"\(name)\"; known: \(known.joined(separator: ", "))"
    case .duplicateName(let name, let kind):
      "there is already an \(kind) named \"\(name)\""
    case .shape(let name, let expected, let found):
      "\"\(name)\" has shape \(expected), found \(found)"
    }
  }
}
