extension PickleMachine {
  /// The next byte.
  mutating func byte() throws(PickleError) -> UInt8 {
    guard position < bytes.endIndex else { throw failure("the file ends within the pickle") }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next bytes as an unsigned integer, the lowest first; at most eight.
  mutating func word(_ count: Int) throws(PickleError) -> UInt64 {
    try slice(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A number of bytes that must be there, in an integer of some bytes.
  mutating func size(bytes count: Int) throws(PickleError) -> Int {
    let size = try word(count)
    guard size <= UInt64(bytes.endIndex - position) else {
      throw failure("announces \(size) bytes, but \(bytes.endIndex - position) are left")
    }
    return Int(size)
  }

  /// The next bytes.
  mutating func slice(_ count: Int) throws(PickleError) -> ArraySlice<UInt8> {
    guard count <= bytes.endIndex - position else {
      throw failure("the file ends within the pickle")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// The bytes up to the end of the line, which is passed over.
  mutating func line() throws(PickleError) -> ArraySlice<UInt8> {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw failure("expected a line, found no end of it")
    }
    defer { position = end + 1 }
    return bytes[position..<end]
  }

  /// The number of a memo in decimal digits.
  func index(_ digits: ArraySlice<UInt8>) throws(PickleError) -> Int {
    guard digits.count <= 18, let index = Int(String(decoding: digits, as: UTF8.self)), index >= 0
    else { throw failure("expected the number of a memo") }
    return index
  }

  /// Pushes a number that is written in decimal digits.
  mutating func pushNumber(
    _ instruction: PickleInstruction, _ line: ArraySlice<UInt8>
  ) throws(PickleError) {
    guard line.count <= 400 else { throw failure("a number of \(line.count) digits") }
    var text = String(decoding: line, as: UTF8.self)
    if instruction == .float {
      guard let value = Double(text) else { throw failure("expected a number") }
      return push(.real(value))
    }
    if instruction == .integer, text == "00" || text == "01" { return push(.bool(text == "01")) }
    if text.hasSuffix("L") { text.removeLast() }
    guard let value = Int128(text) else { throw failure("expected an integer below 2^127") }
    if let small = Int64(exactly: value) {
      push(.integer(small))
    } else {
      try push(.large(value))
    }
  }

  /// The bytes of a Python string literal.
  func unquoted(_ line: ArraySlice<UInt8>) throws(PickleError) -> [UInt8] {
    guard line.count >= 2, let quote = line.first, quote == line.last,
      quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else { throw failure("expected a text in quotes") }
    var rest = line.dropFirst().dropLast()
    var result: [UInt8] = []
    result.reserveCapacity(rest.count)
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard let code = rest.popFirst() else { throw failure("a text ends within an escape") }
      switch code {
      case UInt8(ascii: "n"): result.append(10)
      case UInt8(ascii: "t"): result.append(9)
      case UInt8(ascii: "r"): result.append(13)
      case UInt8(ascii: "a"): result.append(7)
      case UInt8(ascii: "b"): result.append(8)
      case UInt8(ascii: "f"): result.append(12)
      case UInt8(ascii: "v"): result.append(11)
      case UInt8(ascii: "x"):
        guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
          rest.count >= 2
        else { throw failure("expected two hexadecimal digits in a text") }
        rest = rest.dropFirst(2)
        result.append(value)
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        var value = Int(code - UInt8(ascii: "0"))
        for _ in 0..<2 {
          guard let digit = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "7")) ~= digit else {
            break
          }
          value = value * 8 + Int(digit - UInt8(ascii: "0"))
          rest = rest.dropFirst()
        }
        result.append(UInt8(truncatingIfNeeded: value))
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(code)
      default: result += [byte, code]
      }
    }
    return result
  }

  /// The text of a line in which characters beyond Latin-1 are escaped as `\u` and `\U`.
  func unescaped(_ line: ArraySlice<UInt8>) throws(PickleError) -> String {
    var text = String.UnicodeScalarView()
    var rest = line
    while let byte = rest.popFirst() {
      let digits =
        byte == UInt8(ascii: "\\")
        ? (rest.first == UInt8(ascii: "u") ? 4 : rest.first == UInt8(ascii: "U") ? 8 : 0) : 0
      guard digits > 0 else {
        text.append(Unicode.Scalar(byte))
        continue
      }
      let code = rest.dropFirst().prefix(digits)
      guard code.count == digits,
        let value = UInt32(String(decoding: code, as: UTF8.self), radix: 16)
      else { throw failure("expected \(digits) hexadecimal digits in a text") }
      rest = rest.dropFirst(1 + digits)
      text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
    }
    return String(text)
  }

  /// The container that a call returns, or `nil` for another function.
  mutating func container(
    _ function: PickleGlobal, _ arguments: [PickleValue]
  ) throws(PickleError) -> PickleObject? {
    switch (function.module, function.name) {
    case ("collections", "OrderedDict"), ("builtins", "dict"), ("__builtin__", "dict"),
      ("collections", "Counter"):
      return .dictionary(try entries(arguments))
    case ("collections", "defaultdict"): return .dictionary([])
    case ("builtins", "set"), ("__builtin__", "set"), ("builtins", "frozenset"),
      ("__builtin__", "frozenset"):
      return .set(try elements(arguments))
    case ("builtins", "list"), ("__builtin__", "list"): return .list(try elements(arguments))
    case ("builtins", "tuple"), ("__builtin__", "tuple"): return .tuple(try elements(arguments))
    case ("_codecs", "encode"), ("builtins", "bytearray"), ("__builtin__", "bytearray"),
      ("builtins", "bytes"), ("__builtin__", "bytes"):
      return .bytes(try encoded(arguments)[...])
    default: return nil
    }
  }

  private mutating func elements(_ arguments: [PickleValue]) throws(PickleError) -> [PickleValue] {
    guard let argument = arguments.first else { return [] }
    switch object(argument) {
    case .list(let elements), .tuple(let elements), .set(let elements):
      try charge(elements.count)
      return elements
    default: throw failure("expected a list of elements")
    }
  }

  /// The entries of a dictionary made of a list of pairs or of another dictionary.
  private mutating func entries(
    _ arguments: [PickleValue]
  ) throws(PickleError) -> [PickleObject.Entry] {
    guard let argument = arguments.first else { return [] }
    switch object(argument) {
    case .dictionary(let entries):
      try charge(entries.count)
      return entries
    case .list(let pairs), .tuple(let pairs):
      try charge(pairs.count)
      var entries: [PickleObject.Entry] = []
      for pair in pairs {
        switch object(pair) {
        case .list(let both) where both.count == 2, .tuple(let both) where both.count == 2:
          entries.append((both[0], both[1]))
        default: throw failure("expected pairs of a key and a value")
        }
      }
      return entries
    default: throw failure("expected a list of pairs")
    }
  }

  /// Bytes from a text in which each character is one byte, as Python 3 writes them for Python 2.
  private mutating func encoded(_ arguments: [PickleValue]) throws(PickleError) -> [UInt8] {
    guard let argument = arguments.first else { return [] }
    switch object(argument) {
    case .text(let text):
      let isLatin =
        if arguments.count > 1, case .text(let encoding) = object(arguments[1]) {
          ["latin1", "latin-1"].contains(encoding)
        } else { false }
      guard isLatin else { throw failure("expected bytes as a text in the encoding latin1") }
      try charge(text.utf8.count)
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.utf8.count)
      for scalar in text.unicodeScalars {
        guard let byte = UInt8(exactly: scalar.value) else {
          throw failure("a character beyond the encoding latin1")
        }
        bytes.append(byte)
      }
      return bytes
    case .bytes(let bytes):
      try charge(bytes.count)
      return Array(bytes)
    default: throw failure("expected a text to encode")
    }
  }
}
