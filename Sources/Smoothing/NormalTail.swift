import Platform

/// The standard normal distribution.
enum NormalTail {
  /// By how much quantiles are moved, which is more than rounding and the bisection may come to.
  private static let slack = 1e-10
  /// Beyond this the tail is no number any more.
  private static let farthest = 40.0

  /// The probability of a value beyond z, which is the one below -z.
  static func above(_ z: Double) -> Double { erfc(z / 2.0.squareRoot()) / 2 }

  /// A value z below which lies at most the probability p, within 1e-9 of the quantile.
  ///
  /// - Precondition: p is in (0, 1).
  static func quantile(atMost p: Double) -> Double {
    precondition(p > 0 && p < 1, "a quantile of \(p)")
    // By symmetry the smaller tail is asked for, which is the precise one.
    let tail = min(p, 1 - p)
    var (near, far) = (0.0, farthest)
    for _ in 0..<100 where far - near > 1e-13 {
      let middle = (near + far) / 2
      if above(middle) > tail { near = middle } else { far = middle }
    }
    return p > 0.5 ? near - slack : -far - slack
  }
}
