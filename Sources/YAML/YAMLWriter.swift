import Files
public import JSON

extension JSONValue {
  /// The value as YAML: mappings in blocks, lists of plain values on one line.
  ///
  /// What it says is read alike by the rules of YAML 1.1 and 1.2, and gives the same value again, but for numbers that
  /// are not finite: they are words, as in specifications.
  ///
  /// - Parameter known: The keys that come first, in their order; the others follow in the value's own.
  /// - Returns: The text, with the end of its last line.
  public func yaml(order known: KnownKeys = .anything) -> String {
    var writer = YAMLWriter()
    switch self {
    case .object(let object) where !object.isEmpty: writer.write(object, known, depth: 0)
    case .array(let list) where !writer.isInline(list): writer.write(list, known, depth: 0)
    default: writer.text += YAMLWriter.inline(self) + "\n"
    }
    return writer.text
  }
}

/// Writes a value as YAML.
struct YAMLWriter {
  var text = ""

  mutating func write(_ object: JSONObject, _ known: KnownKeys, depth: Int) {
    for (key, value) in YAMLWriter.sorted(object, known) {
      text += YAMLWriter.indentation(depth) + YAMLWriter.scalar(key) + ":"
      write(value, known.member(key) ?? .anything, depth: depth)
    }
  }

  mutating func write(_ list: [JSONValue], _ known: KnownKeys, depth: Int) {
    var element = KnownKeys.anything
    if case .list(let inner) = known { element = inner }
    for value in list {
      text += YAMLWriter.indentation(depth) + "-"
      write(value, element, depth: depth)
    }
  }

  /// Writes a value behind a key or a dash.
  private mutating func write(_ value: JSONValue, _ known: KnownKeys, depth: Int) {
    switch value {
    case .object(let object) where !object.isEmpty:
      text += "\n"
      write(object, known, depth: depth + 1)
    case .array(let list) where !isInline(list):
      text += "\n"
      write(list, known, depth: depth + 1)
    default: text += " " + YAMLWriter.inline(value) + "\n"
    }
  }

  /// Whether a list has nothing but plain values in it.
  func isInline(_ list: [JSONValue]) -> Bool {
    list.allSatisfy { value in
      switch value {
      case .array(let inner): inner.isEmpty
      case .object(let inner): inner.isEmpty
      default: true
      }
    }
  }

  static func inline(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): value.description
    case .number(let value): number(value)
    case .string(let value): scalar(value)
    case .array(let list): "[" + list.map(inline).joined(separator: ", ") + "]"
    case .object: "{}"
    }
  }

  /// A number with a point, without which YAML 1.1 takes `1e-05` for a word.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let text = value.description
    guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
    return text[..<exponent] + ".0" + text[exponent...]
  }

  /// Words that versions of YAML take for something else.
  private static let taken: Set<String> = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null",
  ]

  /// A text without quotes where nothing can take it for something else.
  static func scalar(_ text: String) -> String {
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"),
        UInt8(ascii: "+"), UInt8(ascii: ":"), UInt8(ascii: "="):
        true
      default: false
      }
    }
    let first = text.utf8.first ?? 0
    let isLetter = 0x41...0x5A ~= first || 0x61...0x7A ~= first || first == UInt8(ascii: "/")
    guard isLetter, text.utf8.allSatisfy(isPlain), text.utf8.last != UInt8(ascii: ":"),
      !taken.contains(text.lowercased())
    else { return JSONValue(text).text() }
    return text
  }

  private static func indentation(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

  private static func sorted(_ object: JSONObject, _ known: KnownKeys) -> [JSONObject.Element] {
    guard case .mapping(let members) = known else { return Array(object) }
    let first = members.compactMap { member in
      object[member.key].map { (key: member.key, value: $0) }
    }
    let names = Set(members.map(\.key))
    return first + object.filter { !names.contains($0.key) }
  }
}
