/// Radii that are evenly spaced, as `--curve` names them.
enum RadiusRange {
  /// The radii of FIRST:LAST:STEP, both ends included as far as the step meets the last.
  ///
  /// - Throws: `BadArgument`.
  static func radii(_ text: String) throws -> [Double] {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { number(String($0)) }
    guard parts.count == 3, numbers.count == 3, numbers.allSatisfy(\.isFinite), numbers[0] >= 0,
      numbers[1] >= numbers[0], numbers[2] > 0
    else {
      throw BadArgument(
        "--curve is '\(text)'; expected FIRST:LAST:STEP, such as 0:0.4:0.02 or 0:8/255:1/255")
    }
    let count = ((numbers[1] - numbers[0]) / numbers[2] * (1 + 1e-12)).rounded(.down)
    guard count < 1000 else {
      throw BadArgument("--curve is '\(text)', more than 1000 radii; expected a larger step")
    }
    return (0...Int(count)).map { place in
      // The decimals that people write: 3 steps of 0.1 are 0.3.
      let value = numbers[0] + Double(place) * numbers[2]
      return (value * 1e9).rounded() / 1e9
    }
  }

  private static func number(_ text: String) -> Double? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first.flatMap({ Double($0) }) else { return nil }
    guard parts.count == 2 else { return first }
    return Double(parts[1]).map { first / $0 }
  }
}
