import Files

/// How JSON is laid out.
public enum JSONStyle: Hashable, Sendable {
  /// Without any white space.
  case compact

  /// Indented by two spaces, with lists of plain values on one line and a newline at the end.
  case pretty
}

/// Writes one JSON tree as UTF-8.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private let style: JSONStyle

  init(_ style: JSONStyle) { self.style = style }

  mutating func write(_ value: JSONValue, depth: Int = 0) {
    switch value {
    case .null: put("null")
    case .bool(let value): put(value ? "true" : "false")
    case .integer(let value): put(value.description)
    // Swift's description is the shortest decimal that reads back, in a form JSON accepts.
    case .number(let value): put(value.isFinite ? value.description : "null")
    case .string(let value): write(string: value)
    case .array(let elements):
      let isInline = elements.allSatisfy(\.isScalar)
      write(elements, "[", "]", isInline: isInline, depth: depth) { writer, element in
        writer.write(element, depth: depth + 1)
      }
    case .object(let object):
      write(object, "{", "}", isInline: object.isEmpty, depth: depth) { writer, member in
        writer.write(string: member.key)
        writer.put(writer.style == .pretty ? ": " : ":")
        writer.write(member.value, depth: depth + 1)
      }
    }
  }

  mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func write<Items: Collection>(
    _ items: Items, _ opening: String, _ closing: String, isInline: Bool, depth: Int,
    each: (inout JSONWriter, Items.Element) -> Void
  ) {
    put(opening)
    var isFirst = true
    for item in items {
      if !isFirst { put(style == .pretty && isInline ? ", " : ",") }
      if !isInline { breakLine(depth + 1) }
      isFirst = false
      each(&self, item)
    }
    if !isInline { breakLine(depth) }
    put(closing)
  }

  private mutating func breakLine(_ depth: Int) {
    guard style == .pretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private mutating func write(string: String) {
    put("\"")
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": put("\\\"")
      case "\\": put("\\\\")
      case "\n": put("\\n")
      case "\r": put("\\r")
      case "\t": put("\\t")
      // Whoever shows the file in a terminal sees a text that may come from anywhere.
      case _ where scalar.isUnsafeInText:
        let digits = String(scalar.value, radix: 16)
        put("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
      default: bytes.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
      }
    }
    put("\"")
  }
}

extension JSONValue {
  fileprivate var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  /// The tree as UTF-8 bytes.
  public func bytes(_ style: JSONStyle = .compact) -> [UInt8] {
    var writer = JSONWriter(style)
    writer.write(self)
    if style == .pretty { writer.put("\n") }
    return writer.bytes
  }

  /// The tree as a text.
  public func text(_ style: JSONStyle = .compact) -> String {
    String(decoding: bytes(style), as: UTF8.self)
  }
}
