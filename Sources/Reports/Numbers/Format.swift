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
