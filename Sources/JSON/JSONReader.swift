import Files

/// A strict recursive-descent reader of RFC 8259, safe on untrusted bytes.
struct JSONReader {
  let bytes: [UInt8]
  let depthLimit: Int
  var offset = 0

  init(_ bytes: [UInt8], depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  /// Reads one value and requires that nothing but white space follows it.
  mutating func readDocument() throws(JSONError) -> JSONValue {
    let value = try readValue(depth: 0)
    skipWhiteSpace()
    guard offset == bytes.count else { throw failure(.trailingContent) }
    return value
  }

  private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
    skipWhiteSpace()
    switch try peek() {
    case UInt8(ascii: "{"): return .object(try readObject(depth: depth))
    case UInt8(ascii: "["): return .array(try readArray(depth: depth))
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "t"): return try readLiteral("true", .bool(true))
    case UInt8(ascii: "f"): return try readLiteral("false", .bool(false))
    case UInt8(ascii: "n"): return try readLiteral("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
    case let byte: throw failure(.unexpectedByte(byte))
    }
  }

  private mutating func readObject(depth: Int) throws(JSONError) -> JSONObject {
    try enter(depth)
    var object = JSONObject()
    skipWhiteSpace()
    if try takeIf("}") { return object }
    repeat {
      skipWhiteSpace()
      let start = offset
      guard try peek() == UInt8(ascii: "\"") else { throw failure(.unexpectedByte(try peek())) }
      let key = try readString()
      guard object[key] == nil else {
        throw JSONError(offset: start, reason: .duplicateKey(key))
      }
      skipWhiteSpace()
      try expect(":")
      object[key] = try readValue(depth: depth + 1)
      skipWhiteSpace()
    } while try takeIf(",")
    try expect("}")
    return object
  }

  private mutating func readArray(depth: Int) throws(JSONError) -> [JSONValue] {
    try enter(depth)
    var elements: [JSONValue] = []
    skipWhiteSpace()
    if try takeIf("]") { return elements }
    repeat {
      elements.append(try readValue(depth: depth + 1))
      skipWhiteSpace()
    } while try takeIf(",")
    try expect("]")
    return elements
  }

  private mutating func enter(_ depth: Int) throws(JSONError) {
    guard depth < depthLimit else { throw failure(.tooDeep(limit: depthLimit)) }
    offset += 1
  }

  private mutating func readLiteral(
    _ text: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    for index in 0..<text.utf8CodeUnitCount {
      let byte = try peek()
      guard byte == text.utf8Start[index] else { throw failure(.unexpectedByte(byte)) }
      offset += 1
    }
    return value
  }

  mutating func skipWhiteSpace() {
    while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
  }

  func peek() throws(JSONError) -> UInt8 {
    guard offset < bytes.count else { throw failure(.unexpectedEnd) }
    return bytes[offset]
  }

  mutating func takeIf(_ character: Unicode.Scalar) throws(JSONError) -> Bool {
    guard try peek() == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(JSONError) {
    guard try takeIf(character) else { throw failure(.unexpectedByte(bytes[offset])) }
  }

  func failure(_ reason: JSONError.Reason) -> JSONError {
    JSONError(offset: offset, reason: reason)
  }

  mutating func readNumber() throws(JSONError) -> JSONValue {
    let start = offset
    var isInteger = true
    _ = takeByte(UInt8(ascii: "-"))
    let hasLeadingZero = takeByte(UInt8(ascii: "0"))
    let more = skipDigits()
    guard hasLeadingZero ? more == 0 : more > 0 else { throw failure(.malformedNumber) }
    if takeByte(UInt8(ascii: ".")) {
      isInteger = false
      guard skipDigits() > 0 else { throw failure(.malformedNumber) }
    }
    if takeByte(UInt8(ascii: "e")) || takeByte(UInt8(ascii: "E")) {
      isInteger = false
      _ = takeByte(UInt8(ascii: "+")) || takeByte(UInt8(ascii: "-"))
      guard skipDigits() > 0 else { throw failure(.malformedNumber) }
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isInteger, let value = Int128(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw JSONError(offset: start, reason: .numberOutOfRange)
    }
    return .number(value)
  }

  private mutating func takeByte(_ byte: UInt8) -> Bool {
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func skipDigits() -> Int {
    let start = offset
    while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) {
      offset += 1
    }
    return offset - start
  }

  mutating func readString() throws(JSONError) -> String {
    let start = offset
    offset += 1
    var content: [UInt8] = []
    while true {
      let byte = try peek()
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else {
          throw JSONError(offset: start, reason: .invalidUTF8)
        }
        offset += 1
        return text
      case UInt8(ascii: "\\"): content.append(contentsOf: try readEscape())
      case ..<0x20: throw failure(.controlCharacter(byte))
      default:
        content.append(byte)
        offset += 1
      }
    }
  }

  private mutating func readEscape() throws(JSONError) -> [UInt8] {
    let start = offset
    offset += 1
    let kind = try peek()
    offset += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var value = try readHex(start)
      if (0xD800...0xDBFF).contains(value) {
        guard takeByte(UInt8(ascii: "\\")), takeByte(UInt8(ascii: "u")) else {
          throw JSONError(offset: start, reason: .malformedEscape)
        }
        let low = try readHex(start)
        guard (0xDC00...0xDFFF).contains(low) else {
          throw JSONError(offset: start, reason: .malformedEscape)
        }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(value) else {
        throw JSONError(offset: start, reason: .malformedEscape)
      }
      return Array(String(scalar).utf8)
    default: throw JSONError(offset: start, reason: .malformedEscape)
    }
  }

  private mutating func readHex(_ start: Int) throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
        throw JSONError(offset: start, reason: .malformedEscape)
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }
}

extension JSONValue {
  /// Reads one JSON document, strictly as RFC 8259 says.
  ///
  /// Beyond the grammar it rejects duplicate names, numbers beyond the range of Double, lone
  /// surrogates and invalid UTF-8, so a header from an untrusted file has one meaning. Memory stays
  /// proportional to the input.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8 without a byte order mark.
  ///   - depthLimit: How deep lists and objects may nest, in 1...512.
  /// - Throws: `JSONError` with the byte where the first fault lies.
  public init(parsing bytes: [UInt8], depthLimit: Int = 64) throws(JSONError) {
    precondition((1...512).contains(depthLimit), "depth limit \(depthLimit) outside 1...512")
    var reader = JSONReader(bytes, depthLimit: depthLimit)
    self = try reader.readDocument()
  }

  /// Reads one JSON document from a text, as `init(parsing:depthLimit:)` does from bytes.
  ///
  /// - Throws: `JSONError` with the UTF-8 byte where the first fault lies.
  public init(parsing text: String, depthLimit: Int = 64) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), depthLimit: depthLimit)
  }
}

/// A reason why bytes are not the JSON a strict reader accepts, with its place.
public struct JSONError: Error, Hashable, Sendable {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The text ends within a value.
    case unexpectedEnd
    /// A byte that cannot stand here.
    case unexpectedByte(UInt8)
    /// Something other than white space follows the value.
    case trailingContent
    /// Lists and objects are nested deeper than allowed.
    case tooDeep(limit: Int)
    /// An object names a member twice.
    case duplicateKey(String)
    /// A number that JSON does not allow, such as `01`, `1.` or `+1`.
    case malformedNumber
    /// A number beyond the range of Double.
    case numberOutOfRange
    /// An escape that JSON does not allow, or half of a surrogate pair.
    case malformedEscape
    /// A control character that must be escaped.
    case controlCharacter(UInt8)
    /// Bytes in a string that are not UTF-8.
    case invalidUTF8
  }

  /// Where, in bytes from the start.
  public let offset: Int

  /// What is wrong there.
  public let reason: Reason

  /// Creates an error at a place.
  public init(offset: Int, reason: Reason) {
    self.offset = offset
    self.reason = reason
  }

  fileprivate static func name(of byte: UInt8) -> String {
    let isPrintable = (0x21..<0x7F).contains(byte)
    return isPrintable ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(String(byte, radix: 16))"
  }
}

extension JSONError: CustomStringConvertible {
  /// One line: what is wrong and at which byte.
  public var description: String { "\(reason) at byte \(offset)" }
}

extension JSONError.Reason: CustomStringConvertible {
  /// What is wrong, in a few words.
  public var description: String {
    switch self {
    case .unexpectedEnd: "the JSON ends too early"
    case .unexpectedByte(let byte): "unexpected \(JSONError.name(of: byte)) in JSON"
    case .trailingContent: "content after the JSON value"
    case .tooDeep(let limit): "JSON nested deeper than \(limit) levels"
    case .duplicateKey(let key): "duplicate JSON key \"\(key.terminalSafe)\""
    case .malformedNumber: "malformed JSON number"
    case .numberOutOfRange: "JSON number out of range"
    case .malformedEscape: "malformed escape in a JSON string"
    case .controlCharacter(let byte): "unescaped \(JSONError.name(of: byte)) in a JSON string"
    case .invalidUTF8: "invalid UTF-8 in a JSON string"
    }
  }
}
