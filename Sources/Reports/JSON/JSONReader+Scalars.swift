extension JSONReader {
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
