public import Models
public import Tensors

/// One change for many examples: stochastic gradient ascent on the mean loss over all of them.
///
/// z <- step(z, mean over a batch of the gradients of min(L, clip), alpha (1 - t / T)), T the number of batches, from the
/// center of the threat and then from random points of it; what reaches most goals counts. So a universal perturbation
/// within a ball, a rotation that fools many, or a patch: one without a place is put at a random place, turned and scaled
/// at random, anew for each example and epoch.
///
/// Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, "Universal adversarial perturbations", 2017,
/// https://arxiv.org/abs/1610.08401; Shafahi, Najibi, Xu, Dickerson, Davis and Goldstein, "Universal adversarial
/// training", 2020, https://arxiv.org/abs/1811.11304; Brown et al., "Adversarial patch", 2017,
/// https://arxiv.org/abs/1712.09665.
///
/// Cost: `epochs` forwards and backwards per example and start. Guarantee: none. On a single problem it is the ascent on
/// that alone, from the center.
public struct SharedAscent: Attack {
  /// The name on the command line.
  public static let name = "universal"
  /// Gradients.
  public static let knowledge = Knowledge.gradients

  /// How often every example is seen.
  public var epochs = 10
  /// The number of starts; they are no attempts of the shell, which sees what came of the best one.
  public var starts = 3
  /// The number of examples in one step.
  public var batch = 100
  /// The length of the first step; `nil` for a quarter of the radius.
  public var stepSize: Double?
  /// The loss from which on an example no longer counts.
  public var clip = 9.0
  /// What to maximise.
  public var loss = Loss.crossEntropy
  /// The share of the examples, the last ones, that the command does not show to the search.
  public var heldOut = 0.5
  /// The largest angle of a patch, in degrees.
  public var degrees = 0.0
  /// By which factor a patch is larger or smaller at most, at least 1.
  public var scale = 1.0

  /// Creates the search with its standard options.
  public init() {}

  /// A gradient per epoch.
  public var budget: Passes { .gradients(epochs) }

  /// Climbs on one example.
  public func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate {
    let objective = try problem.objective(loss, outputCount: oracle.outputCount)
    let region = try problem.region
    var z = region.center
    for epoch in 0..<epochs {
      let answer = try await oracle.gradient(at: z, of: objective)
      if answer.reachesGoal { break }
      z = region.step(from: z, along: answer.gradient, length: length(epoch, of: epochs, region))
    }
    return Candidate(z)
  }

  /// The threat that lets examples share its parameters: the same region for all.
  ///
  /// - Parameters:
  ///   - threat: The threat.
  ///   - shape: The shape of an example.
  ///   - key: What random places depend on, such as the example and the epoch.
  /// - Returns: The threat; a patch without a place is put at a random one.
  /// - Throws: `ThreatError` where the patch does not fit.
  public func shared(
    _ threat: any ThreatModel, for shape: Shape, key: RandomKey
  ) throws -> any ThreatModel {
    guard let patch = threat as? Patch, patch.pose == nil, shape.rank == 3 else {
      return threat.following
    }
    var randomness = key.child("pose").generator
    let pose = Patch.Pose.random(
      side: patch.side(in: shape), in: shape, degrees: degrees, scales: 1 / scale...scale,
      using: &randomness)
    return try Patch(patch.size, at: pose, bounds: patch.bounds)
  }

  /// The length of a step.
  func length(_ step: Int, of total: Int, _ region: any FeasibleSet) -> Double {
    (stepSize ?? region.radius / 4) * (1 - Double(step) / Double(max(total, 1)))
  }
}
