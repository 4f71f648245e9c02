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
