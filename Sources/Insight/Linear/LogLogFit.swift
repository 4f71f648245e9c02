import Platform
import Tensors

/// A power law through points, y = c x^slope, fitted by least squares of the logarithms.
package struct LogLogFit: Sendable, Hashable, Codable {
  /// The exponent, the slope on logarithmic axes.
  package let slope: Double
  /// The range in which the exponent lies with a probability of 95 %, by Student's t; `nil` for fewer than three
  /// points.
  package let lower: Double?
  /// Its upper end.
  package let upper: Double?
  /// The logarithm of c.
  package let intercept: Double

  /// Fits points whose coordinates are above zero.
  ///
  /// - Precondition: At least two points, of at least two different x.
  package init(_ points: [(x: Double, y: Double)]) {
    let logs = points.map { (x: Double.log($0.x), y: Double.log($0.y)) }
    let count = Double(logs.count)
    let (meanX, meanY) = (
      logs.reduce(0) { $0 + $1.x } / count, logs.reduce(0) { $0 + $1.y } / count
    )
    let spread = logs.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    precondition(spread > 0, "a power law needs points of different x")
    let slope = logs.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
    self.slope = slope
    intercept = meanY - slope * meanX
    guard logs.count > 2 else {
      (lower, upper) = (nil, nil)
      return
    }
    let rest = logs.reduce(0) { sum, point in
      let error = point.y - meanY - slope * (point.x - meanX)
      return sum + error * error
    }
    let deviation = (rest / (count - 2) / spread).squareRoot()
    let margin = StudentT(freedom: logs.count - 2).quantile(0.975) * deviation
    lower = slope - margin
    upper = slope + margin
  }

  /// The value of the law.
  package func value(at x: Double) -> Double { Double.exp(intercept + slope * Double.log(x)) }
}

/// Student's distribution.
package struct StudentT: Sendable {
  /// The degrees of freedom, at least 1.
  package let freedom: Int

  /// Creates the distribution of some degrees of freedom.
  package init(freedom: Int) {
    precondition(freedom >= 1, "\(freedom) degrees of freedom")
    self.freedom = freedom
  }

  /// The number below which a share of the distribution lies, by halving an interval.
  ///
  /// - Parameter share: Above 0.5 and below 1.
  /// - Returns: The number, to within rounding.
  package func quantile(_ share: Double) -> Double {
    precondition(share > 0.5 && share < 1, "a share of \(share)")
    var (low, high) = (0.0, 1.0)
    while below(high) < share { high *= 2 }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if below(middle) < share { low = middle } else { high = middle }
    }
    return high
  }

  /// The share of the distribution below a number t >= 0.
  ///
  /// The density's integral by Simpson's rule in the angle of t = sqrt(n) tan(u), where it is cos(u)^(n - 1).
  package func below(_ t: Double) -> Double {
    let n = Double(freedom)
    let end = atan(t / n.squareRoot())
    let scale = exp(lgamma((n + 1) / 2) - lgamma(n / 2)) / Double.pi.squareRoot()
    let steps = 2000
    let step = end / Double(steps)
    func density(_ angle: Double) -> Double { pow(cos(angle), n - 1) }
    var sum = density(0) + density(end)
    for place in 1..<steps {
      sum += (place % 2 == 0 ? 2 : 4) * density(Double(place) * step)
    }
    return 0.5 + scale * sum * step / 3
  }
}
