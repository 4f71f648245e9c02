import Settings

/// How numbers are written in a table: with a decimal point or comma, with or without marks between thousands.
struct TableNumber: Hashable, Sendable {
  /// Whether a comma stands before decimals, and a point between thousands at most.
  var hasDecimalCommas = false
  /// Whether a comma stands between thousands.
  var groupsByComma = false

  /// A decimal point, and nothing between thousands but spaces or apostrophes.
  static let plain = TableNumber()

  private static let truths = ["true": Float(1), "false": 0]

  /// Finds out how numbers are written from some fields.
  ///
  /// - Parameters:
  ///   - fields: Some of the table's.
  ///   - isPartedByComma: Whether commas part fields, so that numbers with commas stand in quotes and most decide.
  init(of fields: some Sequence<String>, isPartedByComma: Bool = false) {
    var (decimal, grouped, either, points) = (0, false, false, 0)
    for field in fields where field.utf8.contains(UInt8(ascii: ",")) || field.contains(".") {
      guard let form = TableNumber.commas(field) else { continue }
      switch form {
      case .none: points += 1
      case .decimal: decimal += 1
      case .groups: grouped = true
      case .either: either = true
      }
    }
    hasDecimalCommas = decimal > 0 && (!isPartedByComma || decimal >= points)
    // One thousand, or one and 234 thousandths: the others decide.
    groupsByComma = decimal == 0 && (grouped || either && points > 0)
  }

  private init() {}

  /// The number that a field holds; `nil` if it holds none.
  func value(_ text: String) -> Float? {
    // Hexadecimal numbers are texts to other programs.
    if text.utf8.contains(where: { $0 == 0x78 || $0 == 0x58 }) { return nil }
    if !hasDecimalCommas || !text.utf8.contains(UInt8(ascii: ".")), let value = Float(text) {
      return value
    }
    if hasDecimalCommas, let plain = TableNumber.withPoint(text) { return Float(plain) }
    if let truth = TableNumber.truths[text.lowercased()] { return truth }
    guard let plain = plain(text) else { return nil }
    return Float(plain)
  }

  /// The text of a number with a decimal point and nothing between thousands; any other text as it is.
  func plainly(_ text: String) -> String {
    guard hasDecimalCommas || groupsByComma, text.contains(","), let plain = plain(text),
      Double(plain) != nil
    else { return text }
    return plain
  }

  /// Whether a field holds a number in any of the ways of writing.
  static func isNumber(_ text: String, allowsCommas: Bool = true) -> Bool {
    if Double(text) != nil { return true }
    guard !isWord(text) else { return false }
    if allowsCommas, commas(text) != nil { return true }
    return plain.plain(text).map { Double($0) != nil } ?? false
  }

  /// Whether a text of ASCII that is no plain number is none in any other way of writing either: it has no digit, or a
  /// letter that no number has.
  private static func isWord(_ text: String) -> Bool {
    var (hasDigit, hasLetter) = (false, false)
    for byte in text.utf8 {
      switch byte {
      case 0x80...: return false
      case 0x30...0x39: hasDigit = true
      // Exponents and the mark of hexadecimal numbers.
      case 0x45, 0x65: continue
      case 0x58, 0x78: return false
      case 0x41...0x5A, 0x61...0x7A: hasLetter = true
      default: continue
      }
    }
    return !hasDigit || hasLetter
  }

  /// A text of digits, signs, exponents and at most one comma with a point instead; `nil` for any other text.
  ///
  /// Most numbers are so, and looking for all that others may hold takes ten times as long.
  private static func withPoint(_ text: String) -> String? {
    var commas = 0
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x2B, 0x2D, 0x45, 0x65: continue
      case 0x2C: commas += 1
      default: return nil
      }
    }
    guard commas <= 1 else { return nil }
    return String(decoding: text.utf8.map { $0 == 0x2C ? 0x2E : $0 }, as: UTF8.self)
  }

  /// The number with a decimal point and nothing between its thousands; `nil` if it has another form.
  private func plain(_ text: String) -> String? {
    var body = text.replacing("\u{2212}", with: "-")
    // Spaces that do not break are none to those who read lines.
    while body.first?.isWhitespace == true { body.removeFirst() }
    while body.last?.isWhitespace == true { body.removeLast() }
    for mark in [" ", "\u{A0}", "\u{202F}", "'", "\u{2019}"] where body.contains(mark) {
      guard let joined = TableNumber.joined(body, by: mark, decimal: hasDecimalCommas ? "," : ".")
      else { return nil }
      body = joined
    }
    if hasDecimalCommas {
      if body.contains(".") {
        guard body.contains(","), let joined = TableNumber.joined(body, by: ".", decimal: ",")
        else { return nil }
        body = joined
      }
      guard body.count(where: { $0 == "," }) <= 1 else { return nil }
      return body.replacing(",", with: ".")
    }
    guard groupsByComma, body.contains(",") else { return body.contains(",") ? nil : body }
    return TableNumber.joined(body, by: ",", decimal: ".")
  }

  /// A number without the marks between its thousands; `nil` unless these part threes of digits.
  private static func joined(_ text: String, by mark: String, decimal: String) -> String? {
    let parts = text.split(separator: decimal, maxSplits: 1, omittingEmptySubsequences: false)
    let sign = parts[0].first == "-" || parts[0].first == "+" ? parts[0].prefix(1) : ""
    let groups = parts[0].dropFirst(sign.count).split(
      separator: mark, omittingEmptySubsequences: false)
    guard let first = groups.first, 1...3 ~= first.count,
      groups.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }),
      groups.dropFirst().allSatisfy({ $0.count == 3 })
    else { return nil }
    return sign + groups.joined() + (parts.count > 1 ? decimal + parts[1] : "")
  }

  /// What commas and points of a number say.
  private enum Form { case none, decimal, groups, either }

  /// What the commas of a number are; `nil` if it is no number.
  private static func commas(_ text: String) -> Form? {
    let commas = text.count { $0 == "," }
    if commas == 0 { return Double(text) == nil ? nil : text.contains(".") ? Form.none : nil }
    // Without a point, one comma before other than three digits, or after a zero, is that of decimals.
    if let grouped = joined(text, by: ",", decimal: "."), Double(grouped) != nil {
      if commas > 1 || text.contains(".") { return .groups }
      let digits = text.drop { $0 == "-" || $0 == "+" }
      return digits.first == "0" ? .decimal : .either
    }
    guard commas == 1 else { return nil }
    let points = text.contains(".") ? joined(text, by: ".", decimal: ",") : text
    guard let points, !text.hasSuffix(","), Double(points.replacing(",", with: ".")) != nil else {
      return nil
    }
    return .decimal
  }

  // MARK: - What is no number

  /// What would make a number of a field, to follow what was expected; empty if nothing is known.
  func remedy(for text: String, isUsualText: Bool, isAmongNumbers: Bool = false) -> String {
    if Double(text)?.isInfinite == true {
      return "; replace infinite values, or leave such rows out"
    }
    if text.hasSuffix("%") {
      return "; write percentages without the sign, as 45 or as 0.45"
    }
    if hasDecimalCommas, text.contains("."), TableNumber.isNumber(text) {
      return "; other rows have decimal commas: write all numbers alike"
    }
    if text.contains(","), TableNumber.isNumber(text) {
      return "; write it with a decimal point and nothing between thousands, such as 1234.5"
    }
    if TableNumber.isDate(text) {
      return "; leave dates out, or make them numbers, such as days since the first"
    }
    if let first = text.first(where: { !$0.isWhitespace }), "$€£¥".contains(first) {
      return "; write amounts without their currency"
    }
    if isAmongNumbers {
      return "; most rows have a number in this column: mend the value, or leave the row out"
    }
    return isUsualText
      ? "; turn a text column into columns of 0 and 1 (pandas.get_dummies) before training, or remove it; if it is"
        + " the class, name it by \(Setting.targetColumn)"
      : ""
  }

  /// Whether a text looks like a day or a time: numbers joined by two marks of one kind.
  private static func isDate(_ text: String) -> Bool {
    ["-", "/", ".", ":"].contains { mark in
      let parts = text.prefix { $0 != " " && $0 != "T" }.split(
        separator: mark, omittingEmptySubsequences: false)
      return parts.count == 3
        && parts.allSatisfy { 1...4 ~= $0.count && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
    }
  }
}
