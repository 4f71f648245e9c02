import Files

/// Why an ONNX file is not a network that can be read, or a network cannot be written as one.
public struct ONNXError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public let file: String
  /// Where in the file, such as a node with its operator and opset; empty for the file as a whole.
  public let place: String
  /// What was found and what was expected.
  public let problem: String
  /// What may help, such as an exporter's option.
  public let hint: String?
  /// Whether nothing is wrong but that the file leaves the shape of an example open.
  public let isOpenShape: Bool

  /// Creates an error.
  public init(
    file: String, place: String = "", problem: String, hint: String? = nil,
    isOpenShape: Bool = false
  ) {
    self.file = file
    self.place = place
    self.problem = problem
    self.hint = hint
    self.isOpenShape = isOpenShape
  }

  /// One line: the file, the place, the problem and the hint.
  public var description: String {
    let parts = [file, place, problem].filter { !$0.isEmpty }.joined(separator: ": ")
    return (parts + (hint.map { " (\($0))" } ?? "")).terminalSafe
  }
}

/// What is wrong with one node or tensor, whose place its reader knows.
struct ONNXProblem: Error {
  let text: String
  let hint: String?

  init(_ text: String, hint: String? = nil) {
    self.text = text
    self.hint = hint
  }
}

extension String {
  /// A name from a file in quotes, cut where it is absurdly long.
  var quoted: String { "'\(count > 80 ? prefix(77) + "..." : self[...])'" }
}
