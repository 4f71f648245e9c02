import Settings
import Robustness
/// Radii that are evenly spaced, as `--curve` names them.
package enum RadiusRange {
  /// One of the radii.
  package struct Radius: Sendable, Hashable {
    let value: Double
    /// As one would write it: a fraction where the range is of fractions.
    package let text: String
  }

  /// A number as it was written: so many parts of so many.
  private struct Number {
    let numerator: Double
    let denominator: Double
    /// Whether it was written as a fraction.
    let isFraction: Bool
    let text: String

    var value: Double { numerator / denominator }

    init?(_ text: Substring) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
      guard parts.count <= 2, let numerator = parts[0] else { return nil }
      guard let denominator = parts.count == 2 ? parts[1] : 1, denominator != 0,
        numerator.isFinite, denominator.isFinite
      else { return nil }
      self.numerator = numerator
      self.denominator = denominator
      isFraction = parts.count == 2
      self.text = String(text)
    }
  }

  /// The radii of FIRST:LAST:STEP, both ends included as far as the step meets the last.
  ///
  /// - Parameters:
  ///   - text: What `--curve` says.
  ///   - norm: The norm of the threat; radii of L0 are whole.
  /// - Returns: The radii, and a remark where the step does not meet the last.
  /// - Throws: `StudyError` that says which of the three is wrong.
  static func radii(_ text: String, _ norm: Norm) throws -> (radii: [Radius], remark: String?) {
    func problem(_ words: String) -> StudyError {
      StudyError("\(Setting.curve) is '\(text)'\(words)")
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      throw problem("; expected FIRST:LAST:STEP, such as 0:0.4:0.02 or 0:8/255:1/255")
    }
    let names = ["the first radius", "the last radius", "the step"]
    let numbers = try zip(names, parts).map { name, part in
      guard let number = Number(part) else {
        throw problem(": \(name) '\(part)' is not a number or fraction")
      }
      return number
    }
    let (first, last, step) = (numbers[0], numbers[1], numbers[2])
    guard first.value >= 0 else { throw problem(": the first radius is negative") }
    guard last.value >= first.value else {
      throw problem(": the last radius \(last.text) is below the first, \(first.text)")
    }
    guard step.value > 0 else {
      throw problem(": the step is \(step.text); expected a positive number")
    }
    guard step.value <= (last.value - first.value) * (1 + 1e-12) || first.value == last.value else {
      throw problem(
        ": the step \(step.text) is longer than the way from \(first.text) to \(last.text); expected a shorter one"
      )
    }
    if norm == .zero, let odd = [first, step].first(where: { $0.value != $0.value.rounded() }) {
      throw problem(": radii of l0 are numbers of pixels, expected whole ones, not \(odd.text)")
    }
    let exact = (last.value - first.value) / step.value
    let count = (exact * (1 + 1e-12)).rounded(.down)
    guard count < 1000 else { throw problem(", more than 1000 radii; expected a larger step") }
    let radii = (0...Int(count)).map { radius($0, from: first, by: step) }
    let isMet = exact - count < 1e-9 * max(exact, 1)
    let end = radii.last.map(\.text) ?? first.text
    return (
      radii,
      isMet ? nil : "\(Setting.curve) ends at \(end), since no step reaches \(last.text) exactly"
    )
  }

  /// A radius some steps after the first.
  private static func radius(_ place: Int, from first: Number, by step: Number) -> Radius {
    let isCommon =
      step.isFraction && (first.value == 0 || first.denominator == step.denominator)
    if isCommon {
      // The quotient that a threat such as linf:8/255 has, to the last bit.
      let start = first.value == 0 ? 0 : first.numerator
      let numerator = start + Double(place) * step.numerator
      let value = numerator / step.denominator
      let text = "\(whole(numerator))/\(whole(step.denominator))"
      return Radius(value: value, text: numerator == 0 ? "0" : text)
    }
    // The decimals that people write: 3 steps of 0.1 are 0.3.
    let value = ((first.value + Double(place) * step.value) * 1e9).rounded() / 1e9
    return Radius(value: value, text: whole((value * 1e6).rounded() / 1e6))
  }

  private static func whole(_ number: Double) -> String {
    number == number.rounded() && number.magnitude < 1e15 ? "\(Int(number))" : "\(number)"
  }
}
