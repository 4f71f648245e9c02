import Platform

/// The regularised incomplete beta function, of which tails of binomial distributions are made.
enum IncompleteBeta {
  /// ln of the complete beta function B(a, b).
  static func logComplete(_ a: Double, _ b: Double) -> Double {
    lgamma(a) + lgamma(b) - lgamma(a + b)
  }

  /// I_x(a, b), and 1 - I_x(a, b) without cancellation.
  ///
  /// By the continued fraction that is evaluated from its front (Lentz), on the side where it converges fast; relative
  /// errors stay below 1e-9 for arguments up to 1e5, 1e-7 up to 1e7 and 1e-5 up to 1e9, from the logarithms of gamma.
  ///
  /// - Precondition: a, b > 0 and x is in [0, 1].
  static func regularized(_ x: Double, _ a: Double, _ b: Double) -> (below: Double, above: Double) {
    precondition(a > 0 && b > 0 && (0...1).contains(x), "I_x(a, b) of \(x), \(a), \(b)")
    if x == 0 { return (0, 1) }
    if x == 1 { return (1, 0) }
    let front = exp(a * log(x) + b * log1p(-x) - logComplete(a, b))
    if x < (a + 1) / (a + b + 2) {
      let below = front * fraction(x, a, b) / a
      return (below, 1 - below)
    }
    let above = front * fraction(1 - x, b, a) / b
    return (1 - above, above)
  }

  /// ln of 1 - I_x(a, b), which may be too small for a number itself.
  static func logAbove(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return -.infinity }
    if x < (a + 1) / (a + b + 2) { return log1p(-regularized(x, a, b).below) }
    return a * log(x) + b * log1p(-x) - logComplete(a, b) + log(fraction(1 - x, b, a) / b)
  }

  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
    var numerator = 1.0
    var denominator = 1 / kept(1 - (a + b) * x / (a + 1))
    var value = denominator
    // Converges within O(sqrt(max(a, b))) terms.
    let most = 200 + Int(10 * max(a, b).squareRoot())
    for m in 1...most {
      let k = Double(m)
      let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
      denominator = 1 / kept(1 + even * denominator)
      numerator = kept(1 + even / numerator)
      value *= denominator * numerator
      let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
      denominator = 1 / kept(1 + odd * denominator)
      numerator = kept(1 + odd / numerator)
      let change = denominator * numerator
      value *= change
      if abs(change - 1) < 1e-15 { break }
    }
    return value
  }
}
