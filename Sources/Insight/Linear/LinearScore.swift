package import Tensors

/// A linear function of an input in double precision, and in closed form what small changes of every value do to it.
///
/// A change of every value by at most eps moves w.x + b by at most eps |w|_1, which the signs of w do: the more values,
/// the farther. Random signs of the same size move it by 0 in the mean and by eps |w|_2 in the root mean square.
///
/// Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples", 2015,
/// https://arxiv.org/abs/1412.6572.
package struct LinearScore: Sendable, Hashable, Codable {
  /// The weights w.
  package var weights: [Double]
  /// The offset b.
  package var offset: Double

  /// Creates a function.
  package init(weights: [Double], offset: Double = 0) {
    self.weights = weights
    self.offset = offset
  }

  /// |w|_1.
  package var norm1: Double { weights.reduce(0) { $0 + abs($1) } }

  /// |w|_2.
  package var norm2: Double { weights.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// w.x + b.
  package func value(at input: [Double]) -> Double {
    precondition(input.count == weights.count, "\(input.count) values for \(weights.count) weights")
    var sum = offset
    for index in input.indices { sum += weights[index] * input[index] }
    return sum
  }

  /// The farthest that changes of each value by at most `size` move the score, eps |w|_1.
  package func largestShift(size: Double) -> Double { size * norm1 }

  /// The standard deviation of the shift by independent random signs of magnitude `size`, eps |w|_2.
  ///
  /// It is that of a change uniform on the sphere of the same Euclidean length, size * sqrt(n), too.
  package func noiseDeviation(size: Double) -> Double { size * norm2 }

  /// The input moved by `size` along the signs of the weights, whatever the range of the data.
  package func moved(_ input: [Double], by size: Double) -> [Double] {
    zip(input, weights).map { value, weight in
      weight > 0 ? value + size : weight < 0 ? value - size : value
    }
  }

  /// What some random changes of one input do to the score, each value going up or down by `size`.
  ///
  /// - Parameters:
  ///   - input: The input.
  ///   - size: The magnitude of each value's change.
  ///   - count: The number of changes.
  ///   - randomness: Where the signs come from.
  /// - Returns: The shifts.
  package func noiseShifts(
    at input: [Double], size: Double, count: Int, using randomness: inout Philox
  ) -> [Double] {
    let before = value(at: input)
    return (0..<count).map { _ in
      var changed = input
      var (bits, left) = (0 as UInt64, 0)
      for index in changed.indices {
        if left == 0 { (bits, left) = (randomness.next(), 64) }
        changed[index] += bits & 1 == 0 ? size : -size
        (bits, left) = (bits >> 1, left - 1)
      }
      return value(at: changed) - before
    }
  }
}
