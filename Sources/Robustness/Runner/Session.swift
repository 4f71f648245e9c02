import Tensors

/// The work on one row, from the example as it is to what is reported.
struct Session: Sendable {
  let access: ModelAccess
  /// The place of the problem among those of the run.
  let position: Int
  /// The first stage that is this session's.
  let firstStage: Int
  /// Stages that are not run, because they stalled on too many rows.
  private let refusedStages: Set<Int>

  init(_ access: ModelAccess, at position: Int, refusing refusedStages: Set<Int>) {
    self.access = access
    self.position = position
    firstStage = 0
    self.refusedStages = refusedStages
  }

  /// Takes a row, its account and what it has found from an attack that does not come back; what is left to do goes on
  /// with the next stage, on another executor.
  init(succeeding session: Session, executor: SessionExecutor) {
    access = ModelAccess(succeeding: session.access, executor: executor)
    position = session.position
    let stage = access.ledger.entries.stage ?? access.settings.stages.count
    firstStage = max(session.firstStage, stage) + 1
    refusedStages = session.refusedStages
  }

  // MARK: - Evaluation

  /// What the stages of a cascade have achieved.
  private struct Found {
    /// A verified point inside the threat.
    var adversarialExample: AdversarialExample?
    /// The nearest verified point, wherever it is.
    var nearest: AdversarialExample?
    /// See `Outcome.lessSure`.
    var lessSure: AdversarialExample?
    /// Why the last stage that did not finish did not.
    var failure: Failure?
  }

  /// Runs the attacks on the row in turn, each as often as it takes, and verifies what they find.
  ///
  /// - Throws: Only what ends the whole run, or `CancellationError` if the row was abandoned
  ///   meanwhile.
  func pursue() async throws -> Outcome {
    // Nothing to attack: the goal is reached already, or the outputs mean nothing.
    guard try await examine() <= 0 else { return outcome(Found()) }
    return try await pursue(Found())
  }

  /// Looks at the example as it is, and runs no attack.
  func skip() async throws -> Outcome {
    try await examine()
    return outcome(Found(failure: .notAttempted))
  }

  /// Verifies what an attack had found that was given up, and goes on with the attacks after it.
  func resume(after failure: Failure) async throws -> Outcome {
    var found = Found(failure: failure)
    if let seen = access.ledger.takeNearest() {
      found.nearest = try await verified(seen.z, seen.attempt)
    }
    found.adversarialExample = inside(found.nearest)
    if found.adversarialExample == nil {
      found.adversarialExample = try await bestAdversarialExample()
    }
    return try await pursue(found)
  }

  /// What came of a change that was found elsewhere.
  func judge(_ z: Tensor<Float>) async throws -> Outcome {
    guard try await examine() <= 0 else { return outcome(Found()) }
    guard access.domain(of: 0).contains(z) else { return outcome(Found(failure: .outside)) }
    return outcome(Found(adversarialExample: try await verified(z, .first)))
  }

  /// Evaluates the example as it is.
  ///
  /// - Returns: The margin of the goal there.
  @discardableResult
  private func examine() async throws -> Double {
    let clean = try await access.evaluate(example: access.problem.input)
    let margin = access.margin(of: clean)
    access.ledger.begin(
      at: access.region.center,
      prediction: access.problem.goal.prediction(of: access.outputs(of: clean)),
      margin: margin, size: clean.size)
    return margin
  }

  /// Runs the stages that are this session's until one finds an adversarial example.
  private func pursue(_ before: Found) async throws -> Outcome {
    var found = before
    for stage in access.settings.stages.indices
    where stage >= firstStage && found.adversarialExample == nil {
      if refusedStages.contains(stage) {
        found.failure = .notAttempted
      } else if access.settings.stages[stage].search == .minimumNorm {
        try await approach(stage, &found)
      } else {
        try await climb(stage, &found)
      }
    }
    if found.adversarialExample == nil { found.lessSure = try await lessSure() }
    return outcome(found)
  }

  /// The adversarial example at the best point inside the threat, however sure the model is; for goals with a confidence.
  private func lessSure() async throws -> AdversarialExample? {
    guard access.problem.goal.confidence != nil, let best = access.ledger.entries.best,
      best.z != access.region.center, access.ledger.takesVerification(best.attempt.stage)
    else { return nil }
    return try access.adversarialExample(
      best.z, try await access.evaluate(best.z), best.attempt,
      goal: access.problem.goal.withoutConfidence)
  }

  /// Runs an attack that looks for the largest loss.
  private func climb(_ stage: Int, _ found: inout Found) async throws {
    for restart in access.settings.stages[stage].restarts {
      let attempt = Attempt(stage: stage, restart: restart)
      let ending = try await self.attempt(attempt)
      if case .success(let z) = ending {
        // Of the last query of all the best point has more to hope for than the last one.
        let isBetterKnown =
          access.ledger.hasOneVerification(stage)
          && access.ledger.entries.best.map { $0.margin > 0 } ?? false
        if !isBetterKnown { found.adversarialExample = try await verified(z, attempt) }
      } else {
        found.failure = ending.failure
      }
      // The attack may have passed a better point and come back without it.
      if found.adversarialExample == nil {
        found.adversarialExample = try await bestAdversarialExample()
      }
      if found.adversarialExample != nil || ending.failure != nil { return }
    }
  }

  /// Runs an attack that looks for the nearest point, and verifies the nearest that was seen.
  private func approach(_ stage: Int, _ found: inout Found) async throws {
    var failure: Failure?
    for restart in access.settings.stages[stage].restarts where failure == nil {
      let attempt = Attempt(stage: stage, restart: restart)
      let ending = try await self.attempt(attempt)
      failure = ending.failure
      let seen = access.ledger.takeNearest()
      // Of the last query of all the nearest point that was seen has more to hope for than the last one.
      let isBetterKnown = seen != nil && access.ledger.hasOneVerification(stage)
      if case .success(let z) = ending, z != access.region.center, !isBetterKnown {
        // Where rounding leaves that open, what was seen beyond it will do, and is hardly farther.
        found.nearest = nearer(
          found.nearest, try await verified(z, attempt, asksDefinition: seen == nil))
      }
      if let seen, seen.distance < found.nearest?.distance ?? .infinity {
        found.nearest = nearer(found.nearest, try await verified(seen.z, seen.attempt))
      }
      if access.problem.earlyStopping, inside(found.nearest) != nil { break }
    }
    found.failure = failure ?? found.failure
    found.adversarialExample = inside(found.nearest)
  }

  private func nearer(_ left: AdversarialExample?, _ right: AdversarialExample?)
    -> AdversarialExample?
  {
    guard let left, let right else { return left ?? right }
    return right.distance < left.distance ? right : left
  }

  /// An adversarial example, if it is inside the threat.
  private func inside(_ adversarialExample: AdversarialExample?) -> AdversarialExample? {
    adversarialExample.flatMap { access.region.contains($0.z) ? $0 : nil }
  }

  /// The adversarial example at a point, if the exact forward pass reaches the goal there and there is a query left for that.
  private func verified(
    _ z: Tensor<Float>, _ attempt: Attempt, asksDefinition: Bool = true
  ) async throws -> AdversarialExample? {
    guard access.ledger.takesVerification(attempt.stage) else { return nil }
    let reply = try await access.evaluate(z)
    if access.region.contains(z) { access.ledger.keep(z, access.margin(of: reply), attempt) }
    return try access.adversarialExample(z, reply, attempt, asksDefinition: asksDefinition)
  }

  /// The adversarial example at the best point inside the threat, if the goal seems to be reached there.
  private func bestAdversarialExample() async throws -> AdversarialExample? {
    guard let best = access.ledger.entries.best, best.margin > 0, best.z != access.region.center,
      access.ledger.takesVerification(best.attempt.stage)
    else { return nil }
    return try access.adversarialExample(best.z, try await access.evaluate(best.z), best.attempt)
  }

  private func outcome(_ found: Found) -> Outcome {
    let entries = access.ledger.entries
    return Outcome(
      index: access.problem.index, label: access.problem.label, prediction: entries.prediction,
      cleanMargin: entries.cleanMargin, margin: entries.best?.margin ?? entries.cleanMargin,
      adversarialExample: found.adversarialExample, lessSure: found.lessSure, alternative: nil,
      nearest: found.nearest,
      passes: entries.passes,
      stagePasses: entries.stagePasses, failure: found.failure)
  }

  // MARK: - Training

  /// Runs the attack and returns the input it leaves, for training.
  ///
  /// One attempt costs what it asks for and nothing else; of several the one with the largest loss
  /// counts, at one forward pass each.
  func perturb() async throws -> TrainingInput {
    let restarts = access.settings.stages[0].restarts
    var worst: (z: Tensor<Float>, loss: Double)?
    for restart in restarts {
      let ending = try await attempt(Attempt(stage: 0, restart: restart))
      guard case .success(let z) = ending else {
        return trainingInput(worst?.z, failure: ending.failure)
      }
      if restarts.count == 1 { return trainingInput(z, failure: nil) }
      let loss = try await loss(of: access.input(of: z))
      if worst.map({ loss > $0.loss }) ?? true { worst = (z, loss) }
    }
    return trainingInput(worst?.z, failure: nil)
  }

  /// What is returned to the trainer.
  func trainingInput(_ z: Tensor<Float>?, failure: Failure?) -> TrainingInput {
    TrainingInput(
      index: access.problem.index, input: z.map(access.input) ?? access.problem.input,
      passes: access.ledger.entries.passes, failure: failure)
  }

  /// The loss by which training compares inputs: the cross-entropy where the goal has one.
  func loss(of input: Tensor<Float>) async throws -> Double {
    let outputCount = access.settings.outputCount
    let loss: any Objective
    do {
      loss = try access.problem.objective(.crossEntropy, outputCount: outputCount)
    } catch ObjectiveError.undefined {
      loss = try access.problem.objective(.margin, outputCount: outputCount)
    }
    return loss.value(of: access.outputs(of: try await access.evaluate(example: input)))
  }

  // MARK: - Attempts

  /// One attempt: a point of the threat, or why there is none.
  private func attempt(_ attempt: Attempt) async throws -> Result<Tensor<Float>, Failure> {
    guard access.ledger.open(attempt) else { throw CancellationError() }
    let result: Result<Tensor<Float>, Failure>
    do {
      let attack = access.settings.stages[attempt.stage].attack
      try type(of: attack).check(access.problem.threat)
      let candidate = try await attack.maximize(
        access.problem, using: Oracle(access: access, attempt: attempt))
      result = inspect(candidate.z, access.domain(of: attempt.stage))
    } catch is Ledger.QueriesSpent {
      result = .success(access.ledger.entries.best?.z ?? access.region.center)
    } catch {
      result = .failure(error as? Failure ?? .threw(String("\(error)".prefix(200))))
    }
    guard access.ledger.close() else { throw CancellationError() }
    return result
  }

  /// A point that an attack returned, if it can be used.
  private func inspect(
    _ z: Tensor<Float>, _ domain: any FeasibleSet
  ) -> Result<Tensor<Float>, Failure> {
    let expected = access.region.center.shape
    guard z.shape == expected else {
      return .failure(.wrongShape(given: z.shape, expected: expected))
    }
    if domain.contains(z) { return .success(z) }
    if z.scalars.contains(where: \.isNaN) { return .failure(.notANumber) }
    return access.settings.mode == .evaluation
      ? .failure(.outside) : .success(domain.projection(of: z))
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
