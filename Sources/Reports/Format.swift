/// Numbers as people read them, the same on every machine and in every locale.
public enum Format {
  /// A number with a fixed count of decimals, such as `3.14`.
  ///
  /// The shortest decimal that names the number is rounded half away from zero, so 0.285 becomes
  /// 0.29 as a reader expects, whatever its binary form. NaN and infinities become `nan`, `inf` and
  /// `-inf`.
  ///
  /// - Parameters:
  ///   - value: Any number.
  ///   - decimals: Digits after the point, at least zero.
  /// - Returns: The text, without a sign for a zero.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    value.isFinite ? DecimalDigits(value).fixed(decimals: decimals) : value.description
  }

  /// The shortest decimal that reads back as the number, such as `0.3` or `8`.
  public static func shortest(_ value: Double) -> String {
    let text = value.description
    guard text.hasSuffix(".0") else { return text }
    let whole = String(text.dropLast(2))
    return whole == "-0" ? "0" : whole
  }

  /// A number rounded to some significant digits, such as `0.01875` or `12`.
  ///
  /// - Parameters:
  ///   - value: Any number.
  ///   - digits: How many digits count, at least one.
  /// - Returns: The shortest text of the rounded number.
  public static func significant(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value != 0 else { return shortest(value) }
    let text = DecimalDigits(value).significant(digits)
    return Double(text).map(shortest) ?? text
  }

  /// A share as a percentage, such as `98.5 %` for 0.985.
  ///
  /// A share that is not quite 0 or 1 is never rounded to look as if it were: it reads `< 0.1 %` or
  /// `> 99.9 %`. NaN and infinities become `nan`, `inf` and `-inf`.
  ///
  /// - Parameters:
  ///   - share: The share, usually in 0...1.
  ///   - decimals: Digits after the point, at least zero.
  /// - Returns: The text with a plain space before the sign.
  public static func percent(_ share: Double, decimals: Int = 1) -> String {
    guard share.isFinite else { return share.description }
    func text(_ value: Double) -> String {
      DecimalDigits(value).fixed(decimals: decimals, timesTenTo: 2)
    }
    let rounded = text(share)
    if share > 0, rounded == text(0) {
      return "< " + DecimalDigits(1).fixed(decimals: decimals, timesTenTo: -decimals) + " %"
    }
    if share < 1, share > 0.5, rounded == text(1) {
      let nines = "99" + (decimals > 0 ? "." + String(repeating: "9", count: decimals) : "")
      return "> " + nines + " %"
    }
    return rounded + " %"
  }

  /// A count with its thousands set apart from five digits on, such as `10 000`.
  ///
  /// - Parameters:
  ///   - value: Any integer.
  ///   - separator: What to put between groups; a narrow no-break space unless told otherwise.
  /// - Returns: The text.
  public static func count(_ value: some BinaryInteger, separator: String = "\u{202F}") -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      let remaining = digits.count - index
      if index > 0, digits.count > 4, remaining % 3 == 0 { text += separator }
      text.append(digit)
    }
    return text
  }

  /// A duration in its two largest units, such as `85 ms`, `3.2 s`, `1 min 12 s` or `2 h 5 min`.
  ///
  /// - Parameter seconds: The duration; one that is not finite reads `unknown`.
  /// - Returns: The text.
  public static func duration(seconds: Double) -> String {
    guard seconds.isFinite else { return "unknown" }
    if seconds < 0 { return "-" + duration(seconds: -seconds) }
    if seconds == 0 { return "0 s" }
    if seconds < 0.000_999_5 {
      return DecimalDigits(seconds).fixed(decimals: 0, timesTenTo: 6) + " µs"
    }
    if seconds < 0.9995 { return DecimalDigits(seconds).fixed(decimals: 0, timesTenTo: 3) + " ms" }
    if seconds < 9.95 { return fixed(seconds, decimals: 1) + " s" }
    // Rounded before it is split, so that no part ever reads 60.
    let whole = seconds.rounded()
    if whole < 60 { return fixed(whole, decimals: 0) + " s" }
    if whole < 3600 { return pair(whole, "min", 60, "s") }
    let minutes = (seconds / 60).rounded()
    if minutes < 1440 { return pair(minutes, "h", 60, "min") }
    return pair((seconds / 3600).rounded(), "d", 24, "h")
  }

  private static func pair(
    _ value: Double, _ large: String, _ ratio: Double, _ small: String
  ) -> String {
    let rest = value.truncatingRemainder(dividingBy: ratio)
    let head = fixed((value - rest) / ratio, decimals: 0) + " " + large
    return rest == 0 ? head : head + " " + fixed(rest, decimals: 0) + " " + small
  }
}

/// How a plot writes its numbers.
public enum NumberStyle: Hashable, Sendable {
  /// With as many decimals as the numbers need to differ.
  case automatic

  /// With a fixed count of decimals.
  case fixed(decimals: Int)

  /// As a percentage of one, with a fixed count of decimals.
  case percent(decimals: Int)

  /// Writes one number.
  public func string(_ value: Double) -> String {
    switch self {
    case .automatic: Format.shortest(value)
    case .fixed(let decimals): Format.fixed(value, decimals: decimals)
    case .percent(let decimals): Format.percent(value, decimals: decimals)
    }
  }
}

/// The shortest decimal that reads back as a given Double, as digits that can be shifted and
/// rounded exactly.
struct DecimalDigits {
  private let isNegative: Bool
  /// Decimal digits, most significant first.
  private var digits: [UInt8]
  /// How many of the digits stand before the decimal point; may be negative or beyond the last
  /// digit.
  private var pointPosition: Int

  /// - Parameter value: A finite number.
  init(_ value: Double) {
    precondition(value.isFinite, "only finite numbers have digits")
    isNegative = value.sign == .minus
    digits = []
    var exponent = 0
    var point: Int?
    let text = Array(value.magnitude.description.utf8)
    for (index, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "."): point = digits.count
      default:
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        pointPosition = (point ?? digits.count) + exponent
        return
      }
    }
    pointPosition = point ?? digits.count
  }

  /// The number rounded half away from zero to so many digits.
  func significant(_ count: Int) -> String {
    let leading = digits.prefix { $0 == 0 }.count
    let decimals = leading + count - pointPosition
    guard decimals < 0 else { return fixed(decimals: decimals) }
    let zeros = String(repeating: "0", count: -decimals)
    return fixed(decimals: 0, timesTenTo: decimals) + zeros
  }

  /// The number times ten to the given power, rounded half away from zero to so many decimals.
  func fixed(decimals: Int, timesTenTo power: Int = 0) -> String {
    precondition(decimals >= 0, "negative number of decimals")
    let position = pointPosition + power
    let kept = position + decimals
    // One extra leading zero takes the carry of 9.99.
    let lead = max(0, 1 - position)
    var result = [UInt8](repeating: 0, count: lead + 1)
    for index in 0..<max(0, kept) { result.append(index < digits.count ? digits[index] : 0) }
    let whole = position + lead + 1
    while result.count > whole + decimals { result.removeLast() }
    if kept >= 0, kept < digits.count, digits[kept] >= 5 {
      var index = result.count - 1
      while result[index] == 9 {
        result[index] = 0
        index -= 1
      }
      result[index] += 1
    }
    let start = result[..<(whole - 1)].firstIndex { $0 != 0 } ?? whole - 1
    var text = isNegative && result.contains { $0 != 0 } ? "-" : ""
    for index in start..<result.count {
      if index == whole { text.append(".") }
      text.unicodeScalars.append(Unicode.Scalar(UInt8(ascii: "0") + result[index]))
    }
    return text
  }
}
