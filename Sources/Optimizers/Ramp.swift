import Tensors

/// A number that changes over the course of training, such as a radius, a weight of two losses or the strength of an attack.
public enum Ramp: Hashable, Sendable, CustomStringConvertible {
  /// One value throughout.
  case constant(Double)
  /// The first value up to one share of the training, the second from another on, and a line between them.
  case linear(from: Double, to: Double, between: ClosedRange<Double>)
  /// The same, but that it begins flat: as a power of the steps, at least 1, up to a part `middle` of the ramp, in [0, 1],
  /// and from there on as the line to the end that has the power's slope there.
  ///
  /// With s steps of n since the ramp began and m = floor(middle n): a s^power up to m, where
  /// a = (to - from) / (m^(power - 1) ((n - m) power + m)). So the radius grows in certified training: Gowal et al. 2018,
  /// https://arxiv.org/abs/1810.12715, and Shi et al. 2021, https://arxiv.org/abs/2103.17268, with these constants.
  case smooth(
    from: Double, to: Double, between: ClosedRange<Double>, middle: Double = 0.25,
    power: Double = 4)

  /// The value of a step.
  ///
  /// - Parameters:
  ///   - step: The number of steps before.
  ///   - total: The number of steps of the whole training; a ramp begins and ends at the steps nearest to its shares.
  /// - Returns: The value, up to rounding between those of the two ends.
  public func value(at step: Int, of total: Int) -> Double {
    switch self {
    case .constant(let value):
      return value
    case .linear(let from, let to, let shares):
      let (first, last) = Self.steps(shares, of: total)
      if step >= last { return to }
      if step <= first { return from }
      return from + (to - from) * (Double(step - first) / Double(last - first))
    case .smooth(let from, let to, let shares, let middle, let power):
      let (first, last) = Self.steps(shares, of: total)
      if step >= last { return to }
      if step <= first { return from }
      let whole = Double(last - first)
      let bend = (whole * middle).rounded(.down)
      let taken = Double(step - first)
      // What the line from the bend on is of the height, were it the whole of it: bend + (whole - bend) power.
      let height = (to - from) / ((whole - bend) * power + bend)
      if taken < bend { return from + height * bend * Double.pow(taken / bend, power) }
      return from + height * (bend + power * (taken - bend))
    }
  }

  private static func steps(
    _ shares: ClosedRange<Double>, of total: Int
  ) -> (first: Int, last: Int) {
    let total = Double(total)
    return (
      Int((shares.lowerBound * total).rounded()), Int((shares.upperBound * total).rounded())
    )
  }

  /// The ramp in words.
  public var description: String {
    func line(_ from: Double, _ to: Double, _ shares: ClosedRange<Double>) -> String {
      "from \(from) to \(to) between \(shares.lowerBound) and \(shares.upperBound) of the training"
    }
    return switch self {
    case .constant(let value): "constant \(value)"
    case .linear(let from, let to, let shares): "linear \(line(from, to, shares))"
    case .smooth(let from, let to, let shares, let middle, let power):
      "smooth \(line(from, to, shares)), power \(power) up to \(middle) of it"
    }
  }
}
