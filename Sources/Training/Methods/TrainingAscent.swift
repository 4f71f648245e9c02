public import Models
public import Robustness
import Tensors

/// The ascent of the methods that pull the scores of neighbours together: from a little noise, along the gradient of what
/// the method pulls.
///
/// TRADES begins at normal noise of 0.001 and climbs the divergence from the prediction at the example; MART climbs the
/// cross-entropy from there. Zhang et al. 2019, https://arxiv.org/abs/1901.08573; Wang et al. 2020,
/// https://openreview.net/forum?id=rklOg6EFwS.
///
/// Cost: `steps` forwards and backwards, and a forward for the divergence.
public struct TrainingAscent: Attack {
  /// The name in messages.
  public static let name = "training ascent"
  /// Gradients.
  public static let knowledge = Knowledge.gradients

  /// What is climbed.
  public enum Objective: String, Sendable, Hashable {
    /// KL(prediction at the example || prediction at the point).
    case divergence
    /// The cross-entropy of the label.
    case crossEntropy = "cross-entropy"
  }

  /// What is climbed.
  public var objective: Objective
  /// The number of steps.
  public var steps: Int
  /// The length of a step in the threat's norm; `nil` for 2.5 radii divided by the number of steps.
  public var stepSize: Double?
  /// The standard deviation of the normal noise to begin with.
  public var noise: Double

  /// Whether to begin at a random point of the threat, not at noise around the example.
  public var startsAnywhere = false

  /// Creates an ascent.
  public init(_ objective: Objective, steps: Int, stepSize: Double? = nil, noise: Double = 0.001) {
    (self.objective, self.steps, self.stepSize, self.noise) = (objective, steps, stepSize, noise)
  }

  /// A gradient per step, and the prediction at the example.
  public var budget: Passes {
    .gradients(steps) + Passes(forward: objective == .divergence ? 1 : 0)
  }

  /// Climbs.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let region = try problem.region
    let climbed: any Robustness.Objective
    switch objective {
    case .crossEntropy:
      climbed = try problem.objective(.crossEntropy, outputCount: oracle.outputCount)
    case .divergence:
      climbed = DivergenceObjective(from: try await oracle.scores(at: region.center).outputs)
    }
    var randomness = oracle.randomness("start")
    var z =
      startsAnywhere
      ? region.sample(using: &randomness)
      : region.projection(
        of: region.center + Float(noise) * randomness.normals(region.center.shape))
    let length = stepSize ?? 2.5 * region.radius / Double(max(steps, 1))
    for _ in 0..<steps {
      let answer = try await oracle.gradient(at: z, of: climbed)
      z = region.step(from: z, along: answer.gradient, length: length)
    }
    return Candidate(z)
  }
}

extension Recipe.Adversary {
  /// An ascent within a threat, of which the words are given.
  public init(_ ascent: TrainingAscent, within threat: any ThreatModel, words: String) {
    let length = ascent.stepSize.map { " of \($0)" } ?? ""
    let start = ascent.startsAnywhere ? "a random point" : "noise \(ascent.noise)"
    self.init(
      ascent, threat: threat,
      description: "\(ascent.steps) steps\(length) from \(start) within \(words)")
  }
}

/// KL(p || softmax(z)) of outputs z from a fixed distribution p; its derivative is softmax(z) - p.
struct DivergenceObjective: Robustness.Objective {
  private let reference: [Double]
  /// The sum of p log p.
  private let negativeEntropy: Double

  /// The divergence from what some outputs predict.
  init(from outputs: Tensor<Float>) {
    reference = outputs.withUnsafeScalars { DivergenceObjective.softmax($0).shares }
    negativeEntropy = reference.reduce(0) { $0 + ($1 > 0 ? $1 * Double.log($1) : 0) }
  }

  func value(
    of outputs: UnsafeBufferPointer<Float>, cotangent: UnsafeMutableBufferPointer<Float>?
  ) -> Double {
    let (shares, logSum) = DivergenceObjective.softmax(outputs)
    var value = negativeEntropy
    for (index, share) in reference.enumerated() {
      // A share of zero has no part, whatever the logarithm is.
      if share > 0 { value -= share * (Double(outputs[index]) - logSum) }
      cotangent?[index] = Float(shares[index] - share)
    }
    if value.isNaN { cotangent?.update(repeating: 0) }
    return value
  }

  private static func softmax(
    _ outputs: UnsafeBufferPointer<Float>
  ) -> (shares: [Double], logSum: Double) {
    let largest = Double(outputs.max() ?? 0)
    let terms = outputs.map { Double.exp(Double($0) - largest) }
    let sum = terms.reduce(0, +)
    return (terms.map { $0 / sum }, largest + Double.log(sum))
  }
}
