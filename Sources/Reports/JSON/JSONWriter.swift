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
    let hex = Array("0123456789abcdef".utf8)
    put("\"")
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): put("\\\"")
      case UInt8(ascii: "\\"): put("\\\\")
      case UInt8(ascii: "\n"): put("\\n")
      case UInt8(ascii: "\r"): put("\\r")
      case UInt8(ascii: "\t"): put("\\t")
      case ..<0x20, 0x7F:
        put("\\u00")
        bytes.append(hex[Int(byte >> 4)])
        bytes.append(hex[Int(byte & 15)])
      default: bytes.append(byte)
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
