import Files
import JSON
import Yams

/// Makes a value of a text, once nothing in it can do harm.
struct YAMLReader {
  let name: String

  /// The most question marks: each may begin a key that is compared as a whole with those beside it, in one another.
  private static let questionLimit = 16

  /// The most brackets and braces that open, since short keys may be mappings in one another without question marks.
  private static let bracketLimit = 20_000

  private func failure(_ line: Int?, _ problem: String) -> YAMLError {
    YAMLError(name: name, line: line, problem: problem)
  }

  func document(_ bytes: [UInt8]) throws(YAMLError) -> (JSONValue, Lines) {
    let text = try checked(bytes)
    guard let root = try root(of: text) else {
      throw failure(nil, "holds nothing; expected keys and values, such as 'epochs: 10'")
    }
    guard case .mapping = root else {
      throw failure(root.mark?.line ?? 1, "expected keys and values, such as 'epochs: 10'")
    }
    return try value(of: root, depth: 0, line: root.mark?.line ?? 1)
  }

  // MARK: - Before it is parsed

  /// The text, if all of its characters are harmless, and if no alias can stand for anything.
  private func checked(_ bytes: [UInt8]) throws(YAMLError) -> String {
    guard bytes.count <= YAMLDocument.sizeLimit else {
      throw .tooLong(name: name, count: bytes.count)
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = bytes.starts(with: mark) ? bytes[3...] : bytes[...]
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
      let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
      let first = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw failure(first + 1, "expected UTF-8, found \(isWide ? "UTF-16" : "other bytes")")
    }
    var line = 1
    var (questions, brackets) = (0, 0)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": line += 1
      case "\t", "\r": break
      case "?":
        questions += 1
        guard questions <= YAMLReader.questionLimit else {
          throw failure(
            line, "expected at most \(YAMLReader.questionLimit) question marks in a file")
        }
      case "[", "{":
        brackets += 1
        guard brackets <= YAMLReader.bracketLimit else {
          throw failure(
            line, "expected at most \(YAMLReader.bracketLimit) opening brackets in a file")
        }
      case _ where scalar.isUnsafeInText || scalar == "\u{FEFF}":
        throw failure(line, "a character that does not show, U+\(scalar.hexadecimal)")
      default: break
      }
    }
    try checkAliases(text)
    return text
  }

  /// Refuses a text in which an alias might stand for something: aliases of aliases can stand for any amount, and
  /// what parses them compares all of it.
  ///
  /// It is enough to look for the same name behind `&` and behind `*`, wherever these stand.
  private func checkAliases(_ text: String) throws(YAMLError) {
    func isName(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
      default: false
      }
    }
    let bytes = Array(text.utf8)
    /// Each name behind a sign, with the line of the first.
    func names(behind sign: UInt8) -> [ArraySlice<UInt8>: Int] {
      var names: [ArraySlice<UInt8>: Int] = [:]
      var line = 1
      for (place, byte) in bytes.enumerated() {
        if byte == 10 { line += 1 }
        guard byte == sign else { continue }
        let name = bytes[(place + 1)...].prefix(while: isName)
        if !name.isEmpty, names[name] == nil { names[name] = line }
      }
      return names
    }
    let anchors = names(behind: UInt8(ascii: "&"))
    guard !anchors.isEmpty else { return }
    let aliases = names(behind: UInt8(ascii: "*")).filter { anchors[$0.key] != nil }
    if let (name, line) = aliases.min(by: { $0.value < $1.value }) {
      throw alias(String(decoding: name, as: UTF8.self), line)
    }
  }

  private func alias(_ name: String, _ line: Int) -> YAMLError {
    failure(line, "*\(name.prefix(40)) is an alias; expected the value itself, written out")
  }

  // MARK: - Parsing

  private func root(of text: String) throws(YAMLError) -> Node? {
    do {
      // The parser's own default would ask the environment.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      // Nodes know their anchors as long as the parser lives.
      return try withExtendedLifetime(parser) {
        let root = try parser.singleRoot()
        if let root { try checkAnchors(root, depth: 0) }
        return root
      }
    } catch let error as YAMLError {
      throw error
    } catch let error as YamlError {
      throw failure(error, in: text)
    } catch {
      throw failure(nil, "cannot be read as YAML")
    }
  }

  private func checkAnchors(_ node: Node, depth: Int) throws(YAMLError) {
    let line = node.mark?.line
    guard depth <= YAMLDocument.depthLimit else { throw tooDeep(line) }
    if node.anchor != nil {
      throw failure(line, "an anchor; expected values without names of their own (&name)")
    }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        try checkAnchors(key, depth: depth + 1)
        try checkAnchors(value, depth: depth + 1)
      }
    case .sequence(let sequence):
      for element in sequence { try checkAnchors(element, depth: depth + 1) }
    case .scalar: break
    case .alias: throw failure(line, "an alias; expected the value itself, written out")
    }
  }

  private func tooDeep(_ line: Int?) -> YAMLError {
    failure(line, "nested deeper than \(YAMLDocument.depthLimit) levels")
  }

  /// What the parser found, in its words, but for those that do not say what to do.
  private func failure(_ error: YamlError, in text: String) -> YAMLError {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let found = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : ""
      let blanks = found.prefix { $0 == " " || $0 == "\t" }
      if blanks.contains("\t") {
        return failure(mark.line, "begins with a tab; expected spaces")
      }
      if problem.contains("another document") {
        return failure(mark.line, "a second document begins; expected one")
      }
      if problem.contains("nesting level") || problem.contains("nest_level") {
        return tooDeep(mark.line)
      }
      guard let context, context.mark.line != mark.line, context.text.hasPrefix("while") else {
        return failure(mark.line, problem)
      }
      return failure(
        mark.line, "\(problem) (\(context.text) that begins on line \(context.mark.line))")
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first ?? ""
      return failure(context.mark.line, "the key \(key.quoted) is given twice; expected it once")
    case .reader(let problem, _, _, _): return failure(nil, problem)
    case .memory: return failure(nil, "there is not enough memory to read it")
    default: return failure(nil, "cannot be read as YAML")
    }
  }

  // MARK: - Values

  private func value(
    of node: Node, depth: Int, line: Int
  ) throws(YAMLError) -> (JSONValue, Lines) {
    guard depth < YAMLDocument.depthLimit else { throw tooDeep(line) }
    switch node {
    case .scalar(let scalar): return (try value(of: scalar, line: line), Lines(line: line))
    case .sequence(let sequence):
      try checkTag(sequence.tag, line, known: ["", "tag:yaml.org,2002:seq"])
      var elements: [JSONValue] = []
      var lines = Lines(line: line)
      for element in sequence {
        let (value, own) = try value(
          of: element, depth: depth + 1, line: element.mark?.line ?? line)
        elements.append(value)
        lines.elements.append(own)
      }
      return (.array(elements), lines)
    case .mapping(let mapping):
      try checkTag(mapping.tag, line, known: ["", "tag:yaml.org,2002:map"])
      var object = JSONObject()
      var lines = Lines(line: line)
      for (key, value) in mapping {
        let line = key.mark?.line ?? line
        guard case .scalar(let scalar) = key, !scalar.string.isEmpty else {
          throw failure(line, "expected a word as a key")
        }
        let key = scalar.string
        if let first = lines.members[key]?.line {
          throw failure(line, "the key \(key.quoted) is given on line \(first) already")
        }
        let (value, own) = try self.value(of: value, depth: depth + 1, line: line)
        object[key] = value
        lines.members[key] = own
      }
      return (.object(object), lines)
    case .alias: throw failure(line, "an alias; expected the value itself, written out")
    }
  }

  private func checkTag(_ tag: Tag, _ line: Int, known: Set<String>) throws(YAMLError) {
    guard known.contains(tag.rawValue) else {
      throw failure(line, "the tag \(tag.rawValue.quoted); expected a value without a tag")
    }
  }

  private func value(of scalar: Node.Scalar, line: Int) throws(YAMLError) -> JSONValue {
    try checkTag(scalar.tag, line, known: ["", "tag:yaml.org,2002:str"])
    guard scalar.tag.rawValue.isEmpty, scalar.style == .plain else { return .string(scalar.string) }
    switch PlainScalar(scalar.string) {
    case .value(let value): return value
    case .tooLarge:
      throw failure(line, "\(scalar.string.quoted) is beyond the range of numbers")
    }
  }
}

/// What a scalar without quotes means by the core schema of YAML 1.2.
enum PlainScalar: Hashable {
  /// A value.
  case value(JSONValue)
  /// A number beyond those of double precision.
  case tooLarge

  init(_ text: String) {
    switch text {
    case "", "~", "null", "Null", "NULL": self = .value(.null)
    case "true", "True", "TRUE": self = .value(true)
    case "false", "False", "FALSE": self = .value(false)
    // As specifications write what JSON has no numbers for.
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .value("inf")
    case "-.inf", "-.Inf", "-.INF": self = .value("-inf")
    case ".nan", ".NaN", ".NAN": self = .value("nan")
    default: self = PlainScalar.number(text) ?? .value(.string(text))
    }
  }

  /// The number that a text is, if it is one.
  private static func number(_ text: String) -> PlainScalar? {
    let bytes = Array(text.utf8)
    for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
      let digits = text.dropFirst(2)
      guard let first = digits.utf8.first, first != 0x2B, first != 0x2D else { return nil }
      guard digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).hexDigitValue ?? 99 < radix })
      else { return nil }
      return Int128(digits, radix: radix).map { .value(.integer($0)) } ?? .tooLarge
    }
    let unsigned = bytes.first == 0x2B || bytes.first == 0x2D ? bytes.dropFirst() : bytes[...]
    let mantissa = unsigned.prefix { $0 != 0x65 && $0 != 0x45 }
    let whole = mantissa.prefix { $0 != 0x2E }
    let fraction = mantissa.dropFirst(whole.count + 1)
    func isDigits(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { 0x30...0x39 ~= $0 } }
    guard isDigits(whole), isDigits(fraction), whole.count + fraction.count > 0 else { return nil }
    if mantissa.count < unsigned.count {
      var exponent = unsigned.dropFirst(mantissa.count + 1)
      if exponent.first == 0x2B || exponent.first == 0x2D { exponent = exponent.dropFirst() }
      guard !exponent.isEmpty, isDigits(exponent) else { return nil }
    } else if mantissa.count == whole.count, let value = Int128(text) {
      return .value(.integer(value))
    }
    // Swift reads no number that ends in a point.
    let last = fraction.isEmpty && whole.count < mantissa.count
    let plain = last ? text.replacing(".", with: "") : text
    guard let value = Double(plain.hasPrefix(".") ? "0" + plain : plain), value.isFinite else {
      return .tooLarge
    }
    return .value(.number(value))
  }
}

extension Unicode.Scalar {
  /// The number of the character, at least four digits.
  var hexadecimal: String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
