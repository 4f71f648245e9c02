import Platform

extension Philox {
  /// A number from Beta(a, b), whose density is proportional to x^(a-1) (1-x)^(b-1).
  ///
  /// It is the share of one of two gamma numbers in their sum, taken from their logarithms, so that small a and b do
  /// not end in 0 / 0.
  ///
  /// - Precondition: a and b are above 0.
  public mutating func beta(_ a: Double, _ b: Double) -> Double {
    let difference = logGamma(b) - logGamma(a)
    return 1 / (1 + exp(difference))
  }

  /// The logarithm of a number from the gamma distribution of a shape and scale 1.
  ///
  /// Marsaglia and Tsang, "A simple method for generating gamma variables", 2000,
  /// https://doi.org/10.1145/358407.358414; for shapes below 1, x u^(1/a) with x of the shape a + 1.
  private mutating func logGamma(_ shape: Double) -> Double {
    precondition(shape > 0, "a gamma distribution of shape \(shape)")
    let boost = shape < 1 ? log(1 - Double(uniform())) / shape : 0
    let d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = Double(normalPair().0)
      let v = 1 + c * x
      guard v > 0 else { continue }
      let cube = v * v * v
      let u = 1 - Double(uniform())
      if log(u) < x * x / 2 + d - d * cube + d * log(cube) { return log(d * cube) + boost }
    }
  }
}
