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
public struct UniversalPerturbation: Attack {
  /// The name on the command line.
  public static let name = "universal"
  /// Gradients.
  public static let knowledge = Knowledge.gradients

  /// How often every example is seen.
  public var epochs = 10
  /// The number of starts; they are no attempts of the runner, which sees what came of the best one.
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
      return threat.afterAnotherChange
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

extension AttackRunner {
  /// Looks for one change of many examples.
  ///
  /// - Parameters:
  ///   - search: How.
  ///   - count: The number of examples.
  ///   - progress: Called with the number of epochs done, of all starts, and the share of examples whose goal was
  ///     reached when they were seen last.
  ///   - problem: The problem of a position, `0..<count`, in an epoch; the regions of all must be the same, as those
  ///     of `search.shared(_:for:key:)` are.
  /// - Returns: The parameters, inside the threat, of the start that reached the goals of most examples in its last
  ///   epoch.
  /// - Throws: `AttackRunnerError` if a problem does not fit the model or the others; what `problem` and the model throw.
  public func shared(
    _ search: UniversalPerturbation, count: Int, progress: (Int, Double) -> Void = { _, _ in },
    problem: (_ position: Int, _ epoch: Int) throws -> Problem
  ) async throws -> Tensor<Float> {
    precondition(count > 0, "a change of no examples")
    precondition(search.epochs > 0 && search.starts > 0 && search.batch > 0, "an empty search")
    let region = try problem(0, 0).region
    let key = RandomKey(seed: seed).child("shared")
    var best: (z: Tensor<Float>, reached: Int)?
    for start in 0..<search.starts {
      var randomness = key.child("start").child(start).generator
      let begin = start == 0 ? region.center : region.sample(using: &randomness)
      let end = try await climb(
        search, from: begin, in: region, count: count, key: key.child(start),
        progress: { progress(start * search.epochs + $0, $1) }, problem: problem)
      if best.map({ end.reached > $0.reached }) ?? true { best = end }
    }
    return best?.z ?? region.center
  }

  /// Climbs from one start.
  ///
  /// - Returns: Where it ends, and how many examples' goals were reached in the last epoch.
  private func climb(
    _ search: UniversalPerturbation, from begin: Tensor<Float>, in region: any FeasibleSet,
    count: Int,
    key: RandomKey, progress: (Int, Double) -> Void,
    problem: (_ position: Int, _ epoch: Int) throws -> Problem
  ) async throws -> (z: Tensor<Float>, reached: Int) {
    let batches = (count + search.batch - 1) / search.batch
    var z = begin
    var reached = 0
    for epoch in 0..<search.epochs {
      var randomness = key.child(epoch).generator
      let order = randomness.permutation(of: count)
      reached = 0
      for batch in 0..<batches {
        let part = order[batch * search.batch..<min(count, (batch + 1) * search.batch)]
        let problems = try part.map { try problem($0, epoch) }
        let answers = try await slopes(search, at: z, of: problems)
        reached += answers.count { $0.reachesGoal }
        var sum = Tensor<Float>.zeros(z.shape)
        for answer in answers where !(answer.loss > search.clip) { sum = sum + answer.gradient }
        let step = epoch * batches + batch
        z = region.step(
          from: z, along: sum, length: search.length(step, of: search.epochs * batches, region))
      }
      progress(epoch + 1, Double(reached) / Double(count))
    }
    return (z, reached)
  }

  /// Judges one change on many problems: the exact forward pass of each example as it is and changed.
  ///
  /// - Returns: The outcomes in the order of the problems.
  /// - Throws: `AttackRunnerError` if a problem does not fit the model; what the model throws.
  public func outcomes(
    ofChange z: Tensor<Float>, found search: UniversalPerturbation, for problems: [Problem]
  ) async throws -> [Outcome] {
    try check(z, problems)
    let settings = try settings([Stage(search)], problems, .evaluation)
    let work = ActiveRun<Outcome>.Work(
      live: { try await $0.judge(z) }, skip: { try await $0.judge(z) },
      rescue: { try await $0.resume(after: $1) })
    return try await ActiveRun(problems, settings: settings, runner: self, work: work).run()
  }

  private func slopes(
    _ search: UniversalPerturbation, at z: Tensor<Float>, of problems: [Problem]
  ) async throws -> [Answer] {
    try check(z, problems)
    let settings = try settings([Stage(search)], problems, .universal)
    let objectives = try problems.map {
      try $0.objective(search.loss, outputCount: model.outputCount)
    }
    let slope: @Sendable (Session) async throws -> Answer = {
      try await $0.access.slope(at: z, of: objectives[$0.position])
    }
    let work = ActiveRun<Answer>.Work(live: slope, skip: slope, rescue: { throw $1 })
    return try await ActiveRun(problems, settings: settings, runner: self, work: work).run()
  }

  private func check(_ z: Tensor<Float>, _ problems: [Problem]) throws {
    for problem in problems {
      let shape = try problem.region.center.shape
      guard shape == z.shape else {
        throw AttackRunnerError.shared(index: problem.index, given: z.shape, expected: shape)
      }
    }
  }
}
