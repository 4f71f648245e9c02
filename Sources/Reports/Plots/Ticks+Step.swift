extension Ticks {
  /// A round distance, kept as mantissa and power of ten so that its multiples are the shortest
  /// decimals.
  struct Step {
    let mantissa: Double
    let exponent: Int

    init(mantissa: Double, exponent: Int) {
      self.mantissa = mantissa
      self.exponent = exponent
    }

    init(covering range: ClosedRange<Double>, count: Int) {
      let length = range.upperBound - range.lowerBound
      precondition(length > 0 && length.isFinite, "an axis from \(range) has no length")
      let raw = length / Double(max(2, count))
      var exponent = Step.floorLog10(raw)
      let fraction = raw / Step.power(exponent)
      var mantissa: Double
      if fraction < 1.5 {
        mantissa = 1
      } else if fraction < 3.5 {
        mantissa = 2
      } else {
        mantissa = 5
      }
      if fraction >= 7.5 {
        mantissa = 1
        exponent += 1
      }
      self.init(mantissa: mantissa, exponent: exponent)
    }

    func value(at index: Int) -> Double {
      let whole = Double(index) * mantissa
      // Dividing by an exact power rounds once; multiplying by 0.1 would round twice.
      return exponent < 0 && exponent >= -22
        ? whole / Step.power(-exponent) : whole * Step.power(exponent)
    }

    /// The multiple next to a value, or nil where multiples are too large to count.
    func index(_ value: Double, _ rounding: FloatingPointRoundingRule) -> Int? {
      let quotient =
        exponent < 0 && exponent >= -22
        ? value * Step.power(-exponent) / mantissa : value / Step.power(exponent) / mantissa
      let nearest = quotient.rounded()
      // A bound such as 0.3 may miss its multiple by a rounding error.
      let isNear = abs(quotient - nearest) < 1e-9 * max(1, abs(quotient))
      let chosen = isNear ? nearest : quotient.rounded(rounding)
      return abs(chosen) < 1e15 ? Int(chosen) : nil
    }

    private static func floorLog10(_ value: Double) -> Int {
      // One below an estimate from the binary exponent, from which a step or two remain.
      let estimate = value > 0 ? Int((Double(value.exponent) * 0.301_03).rounded(.down)) - 1 : -323
      var exponent = max(-323, estimate)
      while exponent < 308, power(exponent + 1) <= value { exponent += 1 }
      return exponent
    }

    /// The Double nearest to a power of ten.
    static func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 0 }
  }
}
