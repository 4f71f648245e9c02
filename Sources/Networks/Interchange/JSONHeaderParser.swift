/// A strict reader of `JSONHeader` texts: no duplicate keys, no fractions, limited nesting.
struct JSONHeaderParser {
  /// The deepest nesting of arrays and objects that is read.
  static let depthLimit = 8

  /// What single letters mean after a backslash.
  private static let escapes: [UInt8: Unicode.Scalar] = [
    0x22: "\"", 0x5C: "\\", 0x2F: "/", 0x62: "\u{8}", 0x66: "\u{C}", 0x6E: "\n", 0x72: "\r",
    0x74: "\t",
  ]

  /// What other numbers and words consist of.
  private static let others = Set("0123456789+-.eEtrufalsn".utf8)

  private let bytes: ArraySlice<UInt8>
  /// Whether other numbers and words may occur, which then have no value.
  private let passesOthers: Bool
  private var position: Int

  private init(_ bytes: ArraySlice<UInt8>, passesOthers: Bool) {
    self.bytes = bytes
    self.passesOthers = passesOthers
    position = bytes.startIndex
  }

  /// Reads a text that holds one value and, around its tokens, nothing but white space.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - passesOthers: Whether numbers that are not natural, `true`, `false` and `null` may occur.
  /// - Returns: The value.
  /// - Throws: `JSONHeader.Failure` with the place.
  static func parse(
    _ bytes: ArraySlice<UInt8>, passesOthers: Bool = false
  ) throws(JSONHeader.Failure) -> JSONHeader {
    var parser = JSONHeaderParser(bytes, passesOthers: passesOthers)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.current == nil else { throw parser.failure("the end of the header") }
    return value
  }

  private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private func failure(_ expectation: String, at place: Int? = nil) -> JSONHeader.Failure {
    JSONHeader.Failure(
      offset: (place ?? position) - bytes.startIndex, expectation: "expected " + expectation)
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D {
      position += 1
    }
  }

  /// Steps over one character if it comes next, white space aside.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONHeader.Failure) -> JSONHeader {
    skipSpace()
    switch current ?? 0 {
    case UInt8(ascii: "\""): return .string(try string())
    case let byte where passesOthers && JSONHeaderParser.others.contains(byte):
      while let byte = current, JSONHeaderParser.others.contains(byte) { position += 1 }
      return .other
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return .natural(try natural())
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      guard depth < Self.depthLimit else {
        throw failure("at most \(Self.depthLimit) levels of nesting")
      }
      return take("[") ? try array(depth: depth + 1) : try object(depth: depth + 1)
    default: throw failure("a string, a natural number, an array or an object")
    }
  }

  private mutating func array(depth: Int) throws(JSONHeader.Failure) -> JSONHeader {
    var elements: [JSONHeader] = []
    if take("]") { return .array(elements) }
    repeat { elements.append(try value(depth: depth)) } while take(",")
    guard take("]") else { throw failure("',' or ']'") }
    return .array(elements)
  }

  private mutating func object(depth: Int) throws(JSONHeader.Failure) -> JSONHeader {
    guard take("{") else { throw failure("'{'") }
    var members: [JSONHeader.Member] = []
    var keys: Set<String> = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      let place = position
      guard current == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
      let key = try string()
      guard keys.insert(key).inserted else { throw failure("every key only once", at: place) }
      guard take(":") else { throw failure("':'") }
      members.append(JSONHeader.Member(key: key, value: try value(depth: depth)))
    } while take(",")
    guard take("}") else { throw failure("',' or '}'") }
    return .object(members)
  }

  private mutating func natural() throws(JSONHeader.Failure) -> Int {
    let start = position
    var number = 0
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflow, !carry else {
        throw failure("a number of at most \(Int.max)", at: start)
      }
      number = sum
      position += 1
    }
    guard bytes[start] != UInt8(ascii: "0") || position == start + 1 else {
      throw failure("a number without leading zeros", at: start)
    }
    if let byte = current, Array(".eE".utf8).contains(byte) {
      throw failure("a whole number", at: start)
    }
    return number
  }

  private mutating func string() throws(JSONHeader.Failure) -> String {
    let start = position
    var text: [UInt8] = []
    position += 1
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("a string in UTF-8", at: start)
        }
        return string
      case UInt8(ascii: "\\"): text += Array(String(try escape()).utf8)
      case 0..<0x20: throw failure("no bare control character in a string", at: position - 1)
      default: text.append(byte)
      }
    }
    throw failure("the closing quote of a string", at: start)
  }

  /// Reads what follows a backslash.
  private mutating func escape() throws(JSONHeader.Failure) -> Unicode.Scalar {
    let start = position - 1
    guard let byte = current else { throw failure("an escape sequence", at: start) }
    position += 1
    if let scalar = Self.escapes[byte] { return scalar }
    guard byte == UInt8(ascii: "u") else { throw failure("an escape sequence", at: start) }
    var code = try codeUnit()
    if (0xD800..<0xDC00).contains(code), bytes[position...].starts(with: "\\u".utf8) {
      position += 2
      let low = try codeUnit()
      guard (0xDC00..<0xE000).contains(low) else { throw failure("a low surrogate", at: start) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw failure("a whole character", at: start) }
    return scalar
  }

  /// Reads four hexadecimal digits.
  private mutating func codeUnit() throws(JSONHeader.Failure) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }
}
