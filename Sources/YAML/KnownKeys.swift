import Files
import JSON

/// What may stand at a place of a document.
///
///     let known: KnownKeys = ["epochs": .integer, "optimizer": ["name": .text, "learning_rate": .number]]
///     try document.check(known)
///
/// Null is allowed everywhere and means that nothing is said.
public indirect enum KnownKeys: Sendable {
  /// Anything, which whoever reads it checks.
  case anything
  /// `true` or `false`.
  case flag
  /// An integer.
  case integer
  /// An integer or another number.
  case number
  /// A text; a number is one as well.
  case text
  /// A list of such.
  case list(KnownKeys)
  /// A mapping with none but these keys, in the order in which they are written.
  case mapping([(key: String, value: KnownKeys)])

  /// What is expected, for messages.
  var expectation: String {
    switch self {
    case .anything: "a value"
    case .flag: "true or false"
    case .integer: "an integer"
    case .number: "a number"
    case .text: "a text"
    case .list: "a list, such as [1, 2]"
    case .mapping(let members):
      "keys and values, such as '\(members.first?.key ?? "key"): ...'"
    }
  }

  /// What is known of a member; `nil` if there is none of that name.
  func member(_ name: String) -> KnownKeys? {
    guard case .mapping(let members) = self else { return nil }
    return members.first { $0.key == name }?.value
  }
}

extension KnownKeys: ExpressibleByDictionaryLiteral {
  /// A mapping with none but these keys.
  public init(dictionaryLiteral elements: (String, KnownKeys)...) {
    self = .mapping(elements.map { (key: $0.0, value: $0.1) })
  }
}

extension YAMLDocument {
  /// Makes sure that there is nothing but what is known.
  ///
  /// - Parameters:
  ///   - known: What may stand there.
  ///   - usual: The keys that most documents have, of many; those told where an unknown key is like none.
  ///   - meaning: The key that an unknown one stands for elsewhere, as it is to be told; `nil` if it stands for none.
  /// - Throws: `YAMLError` about the first thing that is not, with the key that was probably meant.
  public func check(
    _ known: KnownKeys, usual: [String] = [],
    meaning: @escaping (String) -> String? = { _ in nil }
  ) throws(YAMLError) {
    try check(value, lines, known, key: nil, Hints(usual: usual, meaning: meaning))
  }

  /// What helps where a key is unknown.
  private struct Hints {
    let usual: [String]
    let meaning: (String) -> String?
  }

  private func check(
    _ value: JSONValue, _ lines: Lines, _ known: KnownKeys, key: String?, _ hints: Hints
  ) throws(YAMLError) {
    func expect(_ isRight: Bool) throws(YAMLError) {
      guard !isRight else { return }
      let subject = key.map { "\($0.quoted) is \(value.words)" } ?? "found \(value.words)"
      throw YAMLError(
        name: name, line: lines.line, problem: "\(subject); expected \(known.expectation)")
    }
    if value == .null { return }
    switch known {
    case .anything: break
    case .flag: try expect(value.boolValue != nil)
    case .integer: try expect(value.intValue != nil)
    case .number:
      let words: Set<JSONValue> = ["inf", "-inf", "nan"]
      try expect(value.doubleValue != nil || words.contains(value))
    case .text: try expect(value.stringValue != nil || value.doubleValue != nil)
    case .list(let element):
      try expect(value.arrayValue != nil)
      for (value, lines) in zip(value.arrayValue ?? [], lines.elements) {
        try check(value, lines, element, key: key, hints)
      }
    case .mapping(let members):
      try expect(value.objectValue != nil)
      for (key, value) in value.objectValue ?? [:] {
        let lines = lines.members[key] ?? lines
        guard let inner = known.member(key) else {
          throw unknown(key, lines.line, members.map(\.key), hints)
        }
        try check(value, lines, inner, key: key, hints)
      }
    }
  }

  private func unknown(
    _ key: String, _ line: Int, _ names: [String], _ hints: Hints
  ) -> YAMLError {
    let hint: String
    if let near = hints.meaning(key) ?? key.nearest(among: names) {
      hint = "; did you mean \(near)?"
    } else if names.count > YAMLDocument.listedKeys, !hints.usual.isEmpty {
      hint = "; the usual keys are " + hints.usual.joined(separator: ", ")
    } else {
      let more = names.count > YAMLDocument.listedKeys ? ["..."] : []
      hint =
        "; expected "
        + (names.prefix(YAMLDocument.listedKeys) + more).joined(separator: ", ")
    }
    return YAMLError(name: name, line: line, problem: "unknown key \(key.quoted)\(hint)")
  }

  /// How many keys are told at most.
  private static var listedKeys: Int { 8 }
}

extension JSONValue {
  /// The value as messages speak of it.
  fileprivate var words: String {
    switch self {
    case .null: "empty"
    case .bool, .integer, .number: text()
    case .string(let text): text.quoted
    case .array: "a list"
    case .object: "a mapping"
    }
  }
}
