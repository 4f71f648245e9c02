public import Models
import Platform
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
public struct SigmaZero: ConfigurableAttack {
  /// The name on the command line.
  public static let name = "sigma-zero"
  /// Gradients.
  public static let knowledge = Knowledge.gradients
  /// The nearest point.
  public static let search = Search.nearest
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
  public var budget: Passes { .gradients(steps) + Passes(forward: SparsePath.budget + reduction) }

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
      let share = (1 + cos(Double.pi * Double(step) / Double(max(steps, 1)))) / 2
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
