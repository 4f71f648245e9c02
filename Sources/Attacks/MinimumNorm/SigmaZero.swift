public import Robustness
import Tensors

/// sigma-zero: descent on a smooth stand-in for L0 (pixels).
///
/// With delta = x' - x and m the margin of the goal, the loss is max(-m, 0) + (1/n) sum over pixels p of
/// |delta_p|^2 / (|delta_p|^2 + sigma). Each step follows its gradient, divided by its largest magnitude, by Adam
/// at a rate that falls by cosine annealing from `rate` to a tenth, cuts by the bounds, and puts back pixels in
/// which no value has moved by tau; tau grows by `adaptation` times the rate where the goal is reached and shrinks
/// where it is not. In the end the pixels that the last gradient prefers are tried, and those that proved needless
/// are put back. Lengths are in units of the widest range; a pixel is all channels of a place, so that for one
/// channel the loss is that of the paper.
///
/// Cina, Villani, Pintor, Schoenherr, Biggio and Pelillo, "sigma-zero: gradient-based optimization of l0-norm
/// adversarial examples", 2024, https://arxiv.org/abs/2402.01879.
///
/// Cost: a forward and a backward per step, 21 forwards for the pixels tried, and `PixelReduction`'s.
/// Guarantee: on affine models, the least number of pixels up to a factor of 1.05.
public struct SigmaZero: MinimumNormAttack {
  /// The name on the command line.
  public static let name = "sigma-zero"
  /// The norm that it is written for.
  public static let norms: [Norm] = [.zero]

  /// The number of steps.
  public var steps = 1000
  /// The first rate.
  public var rate = 1.0
  /// How smooth the stand-in is.
  public var sigma = 1e-3
  /// The first threshold below which pixels are put back.
  public var threshold = 0.3
  /// How fast the threshold changes.
  public var adaptation = 0.01
  /// The most forward passes for putting pixels back.
  public var reduction = 200

  /// Creates the attack with its standard options.
  public init() {}

  /// The options.
  public static let options: [AttackOption<Self>] = [
    .steps(\.steps),
    .number("rate", \.rate, 1e-9...1e9, "first rate, in units of the widest range"),
    .number(
      "sigma", \.sigma, 1e-12...1e6, "how smooth the stand-in for the number of pixels is"),
    .number(
      "threshold", \.threshold, 0...1, "first size of a change below which it is undone"),
    .number("adaptation", \.adaptation, 0...1, "how fast the threshold changes"),
    .reduction(\.reduction),
  ]

  /// A gradient per step, and the reduction.
  public var budget: Passes {
    .gradients(steps) + Passes(forward: NearestPoint.costOfSection.forward + reduction)
  }

  /// Descends.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let domain = try problem.domain
    let pixels = Pixels(domain)
    let objective = try problem.objective(.margin, outputCount: oracle.outputCount)
    var nearest = NearestPoint(domain)
    var descent = SparseDescent(domain, pixels, sigma: Float(sigma))
    var rate = rate
    var threshold = threshold
    var slopes: Tensor<Float>?
    for step in 0..<steps {
      let answer = try await oracle.gradient(at: descent.point, of: objective)
      if answer.reachesGoal { nearest.note(descent.point) }
      if oracle.isSolved { return Candidate(nearest.point) }
      slopes = answer.gradient
      descent.step(
        margin: answer.margin > 0 ? nil : answer.gradient, rate: Float(rate),
        threshold: Float(threshold))
      let share = Annealing.value(from: 1, to: 0, step: step, of: steps)
      rate = self.rate * (0.1 + 0.9 * share)
      threshold += (answer.margin > 0 ? adaptation : -adaptation) * rate
      threshold = min(max(threshold, 0), 1)
    }
    if nearest.isFound, let slopes, !oracle.isSolved {
      try await SparsePath.search(
        along: slopes, domain, pixels, norm: .zero, &nearest, using: oracle)
    }
    try await PixelReduction(passes: reduction).reduce(&nearest, pixels, using: oracle)
    return Candidate(nearest.point)
  }
}

/// The state of `SigmaZero`: a point, and Adam's two averages.
struct SparseDescent {
  /// The point x + delta.
  private(set) var point: Tensor<Float>

  private let domain: any FeasibleSet
  private let pixels: Pixels
  private let sigma: Float
  private let unit: Float
  private var mean: Tensor<Float>
  private var variance: Tensor<Float>
  private var gradient: Tensor<Float>
  private var decays: (mean: Float, variance: Float) = (1, 1)

  init(_ domain: any FeasibleSet, _ pixels: Pixels, sigma: Float) {
    point = domain.center
    self.domain = domain
    self.pixels = pixels
    self.sigma = sigma
    unit = Float(pixels.unit)
    mean = .zeros(point.shape)
    (variance, gradient) = (mean, mean)
  }

  /// One step down the loss; without a gradient of the margin, of the stand-in alone.
  mutating func step(margin: Tensor<Float>?, rate: Float, threshold: Float) {
    measure(margin)
    var largest = gradient.scalars.reduce(0) { abs($1) > $0 ? abs($1) : $0 }
    if largest.isInfinite {
      // An infinite slope outweighs every finite one.
      gradient = gradient.map { $0.isInfinite ? ($0 > 0 ? 1 : -1) : 0 }
      largest = 1
    }
    let scale = 1 / max(largest, 1e-12)
    decays = (decays.mean * 0.9, decays.variance * 0.999)
    let length = rate * unit / (1 - decays.mean)
    let correction = 1 / (1 - decays.variance).squareRoot()
    mean.update(with: gradient) { $0 += 0.1 * ($1 * scale - $0) }
    variance.update(with: gradient) { $0 += 0.001 * ($1 * scale * ($1 * scale) - $0) }
    let moved = point.zip(mean, variance) { point, mean, variance in
      point - length * mean / (variance.squareRoot() * correction + 1e-8)
    }
    point = domain.hull.projection(of: moved)
    restore(below: threshold * unit)
  }

  /// Computes the gradient of the loss with respect to delta, in units of the widest range.
  private mutating func measure(_ margin: Tensor<Float>?) {
    let (inverse, sigma, unit) = (1 / unit, sigma, unit)
    let factor = 2 * sigma / Float(pixels.count)
    gradient = point.zip(domain.center) { ($0 - $1) * inverse }
    let weights = combined(gradient) { $0 += $1 * $1 }.map { square in
      let sum = square + sigma
      return factor / (sum * sum)
    }
    SparseDescent.spread(weights, over: &gradient) { $0 *= $1 }
    guard let margin else { return }
    gradient.update(with: margin) {
      let slope = $1 * unit
      $0 -= slope.isNaN ? 0 : slope
    }
  }

  /// Puts back pixels in which no value has moved so far.
  private mutating func restore(below threshold: Float) {
    let moves = point.zip(domain.center) { abs($0 - $1) }
    let sizes = combined(moves) { $0 = $1 > $0 ? $1 : $0 }
    var isKept = moves
    SparseDescent.spread(sizes, over: &isKept) { $0 = $1 < threshold ? 0 : 1 }
    point.update(with: domain.center, isKept) { if $2 == 0 { $0 = $1 } }
  }

  /// One number for each pixel, from zero on combined with the values of its channels.
  private func combined(
    _ values: Tensor<Float>, _ combine: (inout Float, Float) -> Void
  ) -> [Float] {
    var result = [Float](repeating: 0, count: pixels.count)
    values.withUnsafeScalars { values in
      for start in stride(from: 0, to: values.count, by: result.count) {
        for pixel in result.indices { combine(&result[pixel], values[start + pixel]) }
      }
    }
    return result
  }

  /// Changes the values of all channels, given a number for each pixel.
  private static func spread(
    _ numbers: [Float], over values: inout Tensor<Float>, _ change: (inout Float, Float) -> Void
  ) {
    values.withUnsafeMutableScalars { values in
      for start in stride(from: 0, to: values.count, by: numbers.count) {
        for pixel in numbers.indices { change(&values[start + pixel], numbers[pixel]) }
      }
    }
  }
}
