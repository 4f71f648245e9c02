import Tensors

/// The work on one row, from the example as it is to what is reported.
struct Session: Sendable {
  let row: Row
  /// The place of the problem among those of the run.
  let position: Int
  /// The first stage that is this session's.
  let firstStage: Int
  /// Stages that are not run, because they stalled on too many rows.
  private let refusedStages: Set<Int>

  init(_ row: Row, at position: Int, refusing refusedStages: Set<Int>) {
    self.row = row
    self.position = position
    firstStage = 0
    self.refusedStages = refusedStages
  }

  /// Takes a row, its books and what it has found from an attack that does not come back; what is left to do goes on
  /// with the next stage, on another lane.
  init(succeeding session: Session, lane: Lane) {
    row = Row(succeeding: session.row, lane: lane)
    position = session.position
    let stage = row.ledger.entries.stage ?? row.terms.stages.count
    firstStage = max(session.firstStage, stage) + 1
    refusedStages = session.refusedStages
  }

  // MARK: - Evaluation

  /// What the stages of a cascade have achieved.
  private struct Found {
    /// A verified point inside the threat.
    var witness: Witness?
    /// The nearest verified point, wherever it is.
    var nearest: Witness?
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
    if let seen = row.ledger.takeNearest() {
      found.nearest = try await verified(seen.z, seen.attempt)
    }
    found.witness = inside(found.nearest)
    if found.witness == nil { found.witness = try await bestWitness() }
    return try await pursue(found)
  }

  /// What came of a change that was found elsewhere.
  func verdict(on z: Tensor<Float>) async throws -> Outcome {
    guard try await examine() <= 0 else { return outcome(Found()) }
    guard row.domain(of: 0).contains(z) else { return outcome(Found(failure: .outside)) }
    return outcome(Found(witness: try await verified(z, .first)))
  }

  /// Evaluates the example as it is.
  ///
  /// - Returns: The margin of the goal there.
  @discardableResult
  private func examine() async throws -> Double {
    let clean = try await row.evaluate(example: row.problem.input)
    let margin = row.margin(of: clean)
    row.ledger.begin(
      at: row.region.center, prediction: row.problem.goal.prediction(of: row.outputs(of: clean)),
      margin: margin, size: clean.size)
    return margin
  }

  /// Runs the stages that are this session's until one finds a witness.
  private func pursue(_ before: Found) async throws -> Outcome {
    var found = before
    for stage in row.terms.stages.indices where stage >= firstStage && found.witness == nil {
      if refusedStages.contains(stage) {
        found.failure = .notAttempted
      } else if row.terms.stages[stage].search == .nearest {
        try await approach(stage, &found)
      } else {
        try await climb(stage, &found)
      }
    }
    return outcome(found)
  }

  /// Runs an attack that looks for the largest loss.
  private func climb(_ stage: Int, _ found: inout Found) async throws {
    for restart in row.terms.stages[stage].restarts {
      let attempt = Attempt(stage: stage, restart: restart)
      let ending = try await self.attempt(attempt)
      if case .success(let z) = ending {
        // Of the last query of all the best point has more to hope for than the last one.
        let isBetterKnown =
          row.ledger.hasOneVerification(stage)
          && row.ledger.entries.best.map { $0.margin > 0 } ?? false
        if !isBetterKnown { found.witness = try await verified(z, attempt) }
      } else {
        found.failure = ending.failure
      }
      // The attack may have passed a better point and come back without it.
      if found.witness == nil { found.witness = try await bestWitness() }
      if found.witness != nil || ending.failure != nil { return }
    }
  }

  /// Runs an attack that looks for the nearest point, and verifies the nearest that was seen.
  private func approach(_ stage: Int, _ found: inout Found) async throws {
    var failure: Failure?
    for restart in row.terms.stages[stage].restarts where failure == nil {
      let attempt = Attempt(stage: stage, restart: restart)
      let ending = try await self.attempt(attempt)
      failure = ending.failure
      let seen = row.ledger.takeNearest()
      // Of the last query of all the nearest point that was seen has more to hope for than the last one.
      let isBetterKnown = seen != nil && row.ledger.hasOneVerification(stage)
      if case .success(let z) = ending, z != row.region.center, !isBetterKnown {
        // Where rounding leaves that open, what was seen beyond it will do, and is hardly farther.
        found.nearest = nearer(
          found.nearest, try await verified(z, attempt, asksDefinition: seen == nil))
      }
      if let seen, seen.distance < found.nearest?.distance ?? .infinity {
        found.nearest = nearer(found.nearest, try await verified(seen.z, seen.attempt))
      }
      if row.problem.question == .inside, inside(found.nearest) != nil { break }
    }
    found.failure = failure ?? found.failure
    found.witness = inside(found.nearest)
  }

  private func nearer(_ left: Witness?, _ right: Witness?) -> Witness? {
    guard let left, let right else { return left ?? right }
    return right.distance < left.distance ? right : left
  }

  /// A witness, if it is inside the threat.
  private func inside(_ witness: Witness?) -> Witness? {
    witness.flatMap { row.region.contains($0.z) ? $0 : nil }
  }

  /// The witness at a point, if the exact forward pass reaches the goal there and there is a query left for that.
  private func verified(
    _ z: Tensor<Float>, _ attempt: Attempt, asksDefinition: Bool = true
  ) async throws -> Witness? {
    guard row.ledger.takesVerification(attempt.stage) else { return nil }
    let reply = try await row.evaluate(z)
    if row.region.contains(z) { row.ledger.keep(z, row.margin(of: reply), attempt) }
    return try row.witness(z, reply, attempt, asksDefinition: asksDefinition)
  }

  /// The witness at the best point inside the threat, if the goal seems to be reached there.
  private func bestWitness() async throws -> Witness? {
    guard let best = row.ledger.entries.best, best.margin > 0, best.z != row.region.center,
      row.ledger.takesVerification(best.attempt.stage)
    else { return nil }
    return try row.witness(best.z, try await row.evaluate(best.z), best.attempt)
  }

  private func outcome(_ found: Found) -> Outcome {
    let entries = row.ledger.entries
    return Outcome(
      index: row.problem.index, label: row.problem.label, prediction: entries.prediction,
      cleanMargin: entries.cleanMargin, margin: entries.best?.margin ?? entries.cleanMargin,
      witness: found.witness, alternative: nil, nearest: found.nearest, passes: entries.passes,
      stagePasses: entries.stagePasses, failure: found.failure)
  }

  // MARK: - Training

  /// Runs the attack and returns the input it leaves, for training.
  ///
  /// One attempt costs what it asks for and nothing else; of several the one with the largest loss
  /// counts, at one forward pass each.
  func perturb() async throws -> WorstInput {
    let restarts = row.terms.stages[0].restarts
    var worst: (z: Tensor<Float>, loss: Double)?
    for restart in restarts {
      let ending = try await attempt(Attempt(stage: 0, restart: restart))
      guard case .success(let z) = ending else {
        return worstInput(worst?.z, failure: ending.failure)
      }
      if restarts.count == 1 { return worstInput(z, failure: nil) }
      let loss = try await loss(of: row.input(of: z))
      if worst.map({ loss > $0.loss }) ?? true { worst = (z, loss) }
    }
    return worstInput(worst?.z, failure: nil)
  }

  /// What is returned to the trainer.
  func worstInput(_ z: Tensor<Float>?, failure: Failure?) -> WorstInput {
    WorstInput(
      index: row.problem.index, input: z.map(row.input) ?? row.problem.input,
      passes: row.ledger.entries.passes, failure: failure)
  }

  /// The loss by which training compares inputs: the cross-entropy where the goal has one.
  func loss(of input: Tensor<Float>) async throws -> Double {
    let outputCount = row.terms.outputCount
    let loss: any Objective
    do {
      loss = try row.problem.objective(.crossEntropy, outputCount: outputCount)
    } catch ObjectiveError.undefined {
      loss = try row.problem.objective(.margin, outputCount: outputCount)
    }
    return loss.value(of: row.outputs(of: try await row.evaluate(example: input)))
  }

  // MARK: - Attempts

  /// One attempt: a point of the threat, or why there is none.
  private func attempt(_ attempt: Attempt) async throws -> Result<Tensor<Float>, Failure> {
    guard row.ledger.open(attempt) else { throw CancellationError() }
    let result: Result<Tensor<Float>, Failure>
    do {
      let attack = row.terms.stages[attempt.stage].attack
      try type(of: attack).check(row.problem.threat)
      let candidate = try await attack.maximize(
        row.problem, using: Oracle(row: row, attempt: attempt))
      result = inspect(candidate.z, row.domain(of: attempt.stage))
    } catch is Ledger.QueriesSpent {
      result = .success(row.ledger.entries.best?.z ?? row.region.center)
    } catch {
      result = .failure(error as? Failure ?? .threw(String("\(error)".prefix(200))))
    }
    guard row.ledger.close() else { throw CancellationError() }
    return result
  }

  /// A point that an attack returned, if it can be used.
  private func inspect(
    _ z: Tensor<Float>, _ domain: any FeasibleSet
  ) -> Result<Tensor<Float>, Failure> {
    let expected = row.region.center.shape
    guard z.shape == expected else {
      return .failure(.wrongShape(given: z.shape, expected: expected))
    }
    if domain.contains(z) { return .success(z) }
    if z.scalars.contains(where: \.isNaN) { return .failure(.notANumber) }
    return row.terms.mode == .evaluation
      ? .failure(.outside) : .success(domain.projection(of: z))
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
