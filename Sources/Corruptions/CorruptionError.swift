import Files
public import Tensors

/// A reason why a picture cannot be corrupted as asked.
public enum CorruptionError: Error, Hashable, Sendable {
  /// No corruption of the suite has the name; `elsewhere` are the suites that have it.
  case unknown(String, CorruptionSuite, elsewhere: [CorruptionSuite])
  /// The severity is not one of the corruption's.
  case severity(Int, String, ClosedRange<Int>)
  /// A word is no severity.
  case severities(String)
  /// The suite has no severities at which it was published.
  case unpublished(CorruptionSuite)
  /// Something is named twice.
  case repeated(String)
  /// The examples are no pictures.
  case shape(Shape)
  /// A value, at its place in row-major order, lies outside 0...1.
  case range(Float, Int)
  /// A program's format cannot hold the picture, with its reason.
  case format(String)

  /// Makes sure that examples are pictures of one or three channels.
  ///
  /// - Throws: `CorruptionError`.
  public static func check(_ shape: Shape) throws(CorruptionError) {
    guard shape.rank == 3, [1, 3].contains(shape[0]), shape.count > 0 else { throw .shape(shape) }
  }
}

extension CorruptionError: CustomStringConvertible {
  /// One line that says what was given and what was expected.
  public var description: String {
    switch self {
    case .unknown(let name, let suite, let elsewhere):
      let names = CorruptionRow.rows(of: suite).map(\.name)
      return "\(suite.rawValue) has no corruption '\(name.terminalSafe)'"
        + name.suggestion(among: names)
        + (elsewhere.isEmpty
          ? "; expected one of its \(names.count), such as \(names.prefix(4).joined(separator: ", "))"
          : "; it is in \(elsewhere.map(\.rawValue).joined(separator: " and "))")
    case .severity(let severity, let name, let range):
      return range.count == 1
        ? "\(name) has one severity, and \(severity) was asked; expected \(range.lowerBound)"
        : "the severity of \(name) is \(severity); expected \(range.lowerBound) to \(range.upperBound)"
    case .severities(let word):
      return
        "there is no severity '\(word.terminalSafe)'; expected numbers from 1 to 5 joined by commas, all, or published"
    case .unpublished(let suite):
      return
        "\(suite.rawValue) was published at all severities; expected numbers from 1 to 5, or all"
    case .repeated(let name): return "\(name.terminalSafe) is named twice; expected it once"
    case .shape(let shape):
      return "examples of \(shape) are no pictures; expected 1 or 3 channels x height x width"
    case .format(let reason): return "a picture \(reason.terminalSafe)"
    case .range(let value, let place):
      return "the value \(value) at place \(place) of a picture; expected values from 0 to 1"
    }
  }
}
