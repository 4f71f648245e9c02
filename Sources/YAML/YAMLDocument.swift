import Files
public import JSON

/// A mapping that was read from YAML, with the line of each of its keys.
///
/// It is read by the rules of YAML 1.2, whose scalars are those of JSON: `yes` and `no` are words. What can deceive a
/// reader or multiply in memory is refused: anchors and aliases, tags, several documents, a key that stands twice, keys
/// that are no words, characters that do not show.
public struct YAMLDocument: Sendable {
  /// What messages call the file.
  public let name: String

  /// The mapping, an object.
  public let value: JSONValue

  /// The text that it was read from, comments included.
  public let text: String

  /// The lines of what is in it.
  let lines: Lines

  /// The longest text that is read, in bytes.
  public static let sizeLimit = 1 << 20

  /// How deep mappings and lists may be in one another.
  public static let depthLimit = 64

  /// Reads a file.
  ///
  /// - Throws: `FileError`, or `YAMLError` that names the file and the line.
  public init(path: String) throws {
    let file = try RandomAccessFile(path: path)
    guard file.count <= YAMLDocument.sizeLimit else {
      throw YAMLError.tooLong(name: path, count: file.count)
    }
    try self.init(parsing: try file.bytes(at: 0..<file.count), named: path)
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, with or without its mark.
  ///   - name: What messages call the file.
  /// - Throws: `YAMLError` that names the file and the line.
  public init(parsing bytes: [UInt8], named name: String) throws(YAMLError) {
    self.name = name
    text = String(decoding: bytes, as: UTF8.self)
    let reader = YAMLReader(name: name)
    (value, lines) = try reader.document(bytes)
  }

  /// The line on which what a path leads to begins, from 1; of a member the line of its key.
  ///
  /// - Parameter path: Keys and, for the elements of lists, their numbers from 0.
  /// - Returns: The line, or that of the last part that there is.
  public func line(of path: [String]) -> Int {
    var place = lines
    for step in path {
      guard let next = place.members[step] ?? Int(step).flatMap(place.element) else { break }
      place = next
    }
    return place.line
  }

  /// An error about what a path leads to.
  public func error(at path: [String], _ problem: String) -> YAMLError {
    YAMLError(name: name, line: line(of: path), problem: problem)
  }
}

/// The line of a value, and of all that is in it.
struct Lines: Sendable {
  let line: Int
  var members: [String: Lines] = [:]
  var elements: [Lines] = []

  func element(_ number: Int) -> Lines? {
    elements.indices.contains(number) ? elements[number] : nil
  }
}

/// What is wrong with a text in YAML, in one line that names the file and the line.
public struct YAMLError: Error, Hashable, CustomStringConvertible {
  /// What messages call the file.
  public let name: String
  /// The line, from 1; `nil` where it is about the whole file.
  public let line: Int?
  /// What is wrong there.
  public let problem: String

  /// Creates an error.
  public init(name: String, line: Int?, problem: String) {
    self.name = name
    self.line = line
    self.problem = problem
  }

  /// The file, the line and what is wrong.
  public var description: String {
    let place = line.map { "line \($0): " } ?? ""
    return "\(name.terminalSafe): \(place)\(problem.terminalSafe)"
  }

  static func tooLong(name: String, count: Int) -> YAMLError {
    YAMLError(
      name: name, line: nil,
      problem: "has \(count) bytes; expected YAML of at most \(YAMLDocument.sizeLimit)")
  }
}

extension String {
  /// The text as messages quote it: the beginning of one that is long.
  var quoted: String { "'" + (count > 40 ? prefix(40) + "..." : self) + "'" }
}
