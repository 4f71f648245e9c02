import Platform
public import Robustness
import Tensors

/// The noise of a smoothed classifier, with the norm in which it certifies.
public enum SmoothingNoise: Sendable, Hashable, Codable {
  /// Independent normal noise of a deviation above 0, in units of the input: certifies in L2 (Cohen et al. 2019).
  case gaussian(deviation: Double)
  /// Independent uniform noise in plus or minus a half width above 0: certifies in L1 (Yang et al. 2020).
  case uniform(halfWidth: Double)

  /// The norm of the certificates.
  public var norm: Norm {
    switch self {
    case .gaussian: .two
    case .uniform: .one
    }
  }

  /// The certified radius of a class whose probability under the noise is at least p.
  ///
  /// Gaussian: deviation x the normal quantile of p (Cohen, Rosenfeld and Kolter, "Certified adversarial robustness via
  /// randomized smoothing", 2019, https://arxiv.org/abs/1902.02918). Uniform: half width x (2 p - 1) (Yang, Duan, Hu,
  /// Salman, Razenshteyn and Li, "Randomized smoothing of all shapes and sizes", 2020,
  /// https://arxiv.org/abs/2002.08118).
  ///
  /// - Parameter p: A lower bound of the probability, at most 1.
  /// - Returns: The radius, rounded down; 0 for p of at most 1/2.
  public func radius(ofProbability p: Double) -> Double {
    guard p > 0.5 else { return 0 }
    switch self {
    case .gaussian(let deviation):
      return p < 1 ? max(0, deviation * NormalTail.quantile(atMost: p) * (1 - 1e-12)) : .infinity
    case .uniform(let width):
      return max(0, width * (2 * p - 1) * (1 - 1e-12))
    }
  }

  /// A probability that suffices for a radius: `radius(ofProbability:)` is at least that.
  ///
  /// - Parameter radius: In units of the input, at least 0.
  /// - Returns: The probability; 1 where none below 1 suffices.
  public func probability(forRadius radius: Double) -> Double {
    var (low, high) = (0.5, 1.0)
    for _ in 0..<100 {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if self.radius(ofProbability: middle) >= radius { high = middle } else { low = middle }
    }
    return high
  }

  /// Adds a draw to values.
  ///
  /// A normal number has its distance from 53 random bits, so that its tail is cut at 8.5 deviations, not at 5.8 as
  /// with the 24 bits of single precision; the sum is rounded to single precision, as the network takes it.
  func add(to values: UnsafeMutableBufferPointer<Float>, drawing generator: inout Philox) {
    switch self {
    case .gaussian(let deviation):
      var index = 0
      while index < values.count {
        let radius = deviation * (-2 * log(Self.unit(&generator))).squareRoot()
        let angle = 2 * Double.pi * Self.unit(&generator)
        values[index] = Float(Double(values[index]) + radius * cos(angle))
        if index + 1 < values.count {
          values[index + 1] = Float(Double(values[index + 1]) + radius * sin(angle))
        }
        index += 2
      }
    case .uniform(let width):
      for index in values.indices {
        values[index] = Float(Double(values[index]) + width * (2 * Self.unit(&generator) - 1))
      }
    }
  }

  /// A number uniform in (0, 1), the middle of one of 2^52 equal parts.
  private static func unit(_ generator: inout Philox) -> Double {
    (Double(generator.next() >> 12) + 0.5) * 0x1p-52
  }
}

extension SmoothingNoise: CustomStringConvertible {
  /// The noise in words.
  public var description: String {
    switch self {
    case .gaussian(let deviation): "normal noise of deviation \(deviation)"
    case .uniform(let width): "uniform noise of half width \(width)"
    }
  }
}
