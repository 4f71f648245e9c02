import Tensors

extension Row {
  /// Evaluates the example as it is.
  ///
  /// - Returns: The margin of the goal there.
  @discardableResult
  func examine() async throws -> Double {
    let clean = try await evaluate(example: problem.input)
    let outputs = Tensor(clean.outputs, shape: outputShape)
    let margin = problem.goal.margin(of: outputs)
    begin(
      prediction: problem.goal.prediction(of: outputs), margin: margin,
      size: clean.outputs.reduce(0) { max($0, Double(abs($1))) })
    return margin
  }

  /// Runs the attacks on the row in turn, each as often as it takes, and verifies what they find.
  ///
  /// - Throws: Only what ends the whole run, or `CancellationError` if the row was abandoned
  ///   meanwhile.
  func pursue() async throws -> Outcome {
    // Nothing to attack: the goal is reached already, or the outputs mean nothing.
    guard try await examine() <= 0 else { return outcome(witness: nil, failure: nil) }
    return try await pursue(Found())
  }

  /// Runs the stages that are this row's.
  private func pursue(_ before: Found) async throws -> Outcome {
    var found = before
    for stage in terms.stages.indices where stage >= firstStage {
      if refusedStages.contains(stage) {
        found.failure = .notAttempted
        continue
      }
      if terms.stages[stage].search == .nearest {
        try await approach(stage, &found)
      } else {
        try await climb(stage, &found)
      }
      if let witness = found.witness {
        return outcome(witness: witness, nearest: found.nearest, failure: found.failure)
      }
    }
    return outcome(witness: nil, nearest: found.nearest, failure: found.failure)
  }

  /// What the stages of a cascade have achieved.
  private struct Found {
    /// A verified point inside the threat.
    var witness: Witness?
    /// The nearest verified point, wherever it is.
    var nearest: Witness?
    /// Why the last stage that did not finish did not.
    var failure: Failure?
  }

  /// Runs an attack that looks for the largest loss.
  private func climb(_ stage: Int, _ found: inout Found) async throws {
    for restart in 0..<max(1, terms.stages[stage].attack.restarts) {
      let attempt = Attempt(stage: stage, restart: restart)
      let ending = try await self.attempt(attempt)
      guard case .success(let z) = ending else {
        found.failure = ending.failure
        found.witness = try await bestWitness()
        return
      }
      // Of the last query of all the best point has more to hope for than the last one.
      let isBetterKnown = hasOneVerification(stage) && best.map { $0.margin > 0 } ?? false
      if !isBetterKnown, try await verifies(z, attempt, &found) { return }
      // The attack may have passed a better point and come back without it.
      if let witness = try await bestWitness() {
        found.witness = witness
        return
      }
    }
  }

  /// Verifies the point that an attack came back with, if there is a query left for that.
  ///
  /// - Returns: Whether it is a witness.
  private func verifies(
    _ z: Tensor<Float>, _ attempt: Attempt, _ found: inout Found
  ) async throws -> Bool {
    guard takesVerification(attempt.stage) else { return false }
    let reply = try await evaluate(z)
    found.witness = try witness(z, reply, attempt)
    let margin = reply.outputs.withUnsafeBufferPointer { problem.goal.margin(of: $0) }
    keep(z, found.witness?.margin ?? margin, attempt: attempt)
    return found.witness != nil
  }

  /// Runs an attack that looks for the nearest point, and verifies the nearest that was seen.
  private func approach(_ stage: Int, _ found: inout Found) async throws {
    var failure: Failure?
    for restart in 0..<max(1, terms.stages[stage].attack.restarts) where failure == nil {
      let attempt = Attempt(stage: stage, restart: restart)
      let ending = try await self.attempt(attempt)
      failure = ending.failure
      let seen = takeNearest()
      // Of the last query of all the nearest point that was seen has more to hope for than the last one.
      let isBetterKnown = seen != nil && hasOneVerification(stage)
      if case .success(let z) = ending, z != region.center, !isBetterKnown {
        // Where rounding leaves that open, what was seen beyond it will do, and is hardly farther.
        found.nearest = nearer(
          found.nearest, try await verified(z, attempt, asksDefinition: seen == nil))
      }
      if let seen, seen.distance < found.nearest?.distance ?? .infinity {
        found.nearest = nearer(
          found.nearest, try await verified(seen.z, seen.attempt))
      }
      if problem.question == .inside, inside(found.nearest) != nil { break }
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
    witness.flatMap { region.contains($0.z) ? $0 : nil }
  }

  /// The witness at a point, if the exact forward pass reaches the goal there and there is a query left for that.
  private func verified(
    _ z: Tensor<Float>, _ attempt: Attempt, asksDefinition: Bool = true
  ) async throws -> Witness? {
    guard takesVerification(attempt.stage) else { return nil }
    let reply = try await evaluate(z)
    let margin = reply.outputs.withUnsafeBufferPointer { problem.goal.margin(of: $0) }
    if region.contains(z) { keep(z, margin, attempt: attempt) }
    return try witness(z, reply, attempt, asksDefinition: asksDefinition)
  }

  /// The witness at the best point inside the threat, if the goal seems to be reached there.
  private func bestWitness() async throws -> Witness? {
    guard let best, best.margin > 0, best.z != region.center,
      takesVerification(best.attempt.stage)
    else { return nil }
    return try witness(best.z, try await evaluate(best.z), best.attempt)
  }

  /// Verifies what an attack had found that was given up, and goes on with the attacks after it.
  func resume(after failure: Failure) async throws -> Outcome {
    var found = Found(failure: failure)
    if let seen = takeNearest() { found.nearest = try await verified(seen.z, seen.attempt) }
    found.witness = inside(found.nearest)
    if found.witness == nil { found.witness = try await bestWitness() }
    if let witness = found.witness {
      return outcome(witness: witness, nearest: found.nearest, failure: failure)
    }
    return try await pursue(found)
  }

  /// Runs the attack and returns the input it leaves, for training.
  ///
  /// One attempt costs what it asks for and nothing else; of several the one with the largest loss
  /// counts, at one forward pass each.
  func perturb() async throws -> WorstInput {
    let restarts = max(1, terms.stages[0].attack.restarts)
    let loss = restarts > 1 ? try worstLoss : nil
    var worst: (z: Tensor<Float>, loss: Double)?
    for restart in 0..<restarts {
      let ending = try await attempt(Attempt(stage: 0, restart: restart))
      guard case .success(let z) = ending else {
        return worstInput(worst?.z, failure: ending.failure)
      }
      guard let loss else { return worstInput(z, failure: nil) }
      let reply = try await evaluate(z)
      let value = loss.value(of: Tensor(reply.outputs, shape: outputShape))
      if worst.map({ value > $0.loss }) ?? true { worst = (z, value) }
    }
    return worstInput(worst?.z, failure: nil)
  }

  /// What is returned to the trainer.
  func worstInput(_ z: Tensor<Float>?, failure: Failure?) -> WorstInput {
    WorstInput(
      index: problem.index, input: z.map(input) ?? problem.input, passes: passes,
      failure: failure)
  }

  /// What came of a change that was found elsewhere.
  func verdict(on z: Tensor<Float>) async throws -> Outcome {
    guard try await examine() <= 0 else { return outcome(witness: nil, failure: nil) }
    guard domain(of: 0).contains(z) else { return outcome(witness: nil, failure: .outside) }
    return outcome(
      witness: try await verified(z, Attempt(stage: 0, restart: 0)), failure: nil)
  }

  /// What the gradient of an objective is with respect to parameters that other examples share.
  func slope(at z: Tensor<Float>, of objective: any Objective) async throws -> Answer {
    let reply = try await lane.evaluate(input(of: z), objective: objective)
    let margin = reply.outputs.withUnsafeBufferPointer { problem.goal.margin(of: $0) }
    return Answer(
      outputs: Tensor(reply.outputs, shape: outputShape), loss: reply.loss, margin: margin,
      gradient: problem.threat.pullback(
        Tensor(reply.gradient, shape: problem.input.shape), at: z, of: problem.input),
      reachesGoal: margin > 0)
  }

  /// The loss by which training compares inputs.
  func loss(of input: Tensor<Float>) async throws -> Double {
    let loss = try worstLoss
    let reply = try await evaluate(example: input)
    return loss.value(of: Tensor(reply.outputs, shape: outputShape))
  }

  /// One attempt: a point of the threat, or why there is none.
  private func attempt(_ attempt: Attempt) async throws -> Result<Tensor<Float>, Failure> {
    guard let oracle = open(attempt) else { throw CancellationError() }
    let result: Result<Tensor<Float>, Failure>
    do {
      let attack = terms.stages[attempt.stage].attack
      try type(of: attack).check(problem.threat)
      let candidate = try await attack.maximize(problem, using: oracle)
      result = inspect(candidate.z, domain(of: attempt.stage))
    } catch is QueriesSpent {
      result = .success(best?.z ?? region.center)
    } catch {
      result = .failure(error as? Failure ?? .threw(String("\(error)".prefix(200))))
    }
    guard close() else { throw CancellationError() }
    return result
  }

  /// A point that an attack returned, if it can be used.
  private func inspect(
    _ z: Tensor<Float>, _ domain: any FeasibleSet
  ) -> Result<Tensor<Float>, Failure> {
    let expected = region.center.shape
    guard z.shape == expected else {
      return .failure(.wrongShape(given: z.shape, expected: expected))
    }
    if domain.contains(z) { return .success(z) }
    if z.scalars.contains(where: \.isNaN) { return .failure(.notANumber) }
    return terms.isTraining ? .success(domain.projection(of: z)) : .failure(.outside)
  }

  /// The witness at a point, from the exact forward pass there; `nil` if the goal is not reached, or other ways to
  /// compute the model do not confirm it.
  private func witness(
    _ z: Tensor<Float>, _ reply: Reply, _ attempt: Attempt, asksDefinition: Bool = true
  ) throws -> Witness? {
    let domain = domain(of: attempt.stage)
    let outputs = Tensor(reply.outputs, shape: outputShape)
    let margin = problem.goal.margin(of: outputs)
    guard margin > 0, domain.contains(z) else { return nil }
    let input = input(of: z)
    guard
      let rounding = try rounding(at: input, margin, reply.outputs, asksDefinition: asksDefinition)
    else { return nil }
    return Witness(
      z: z, input: input, margin: margin, rounding: rounding,
      prediction: problem.goal.prediction(of: outputs),
      distance: domain.distance(of: z), attack: terms.stages[attempt.stage].name,
      restart: attempt.restart,
      passes: region.contains(z) ? passesToGoal ?? passes : passes)
  }

  /// What training compares restarts by: the cross-entropy where the goal has one.
  private var worstLoss: any Objective {
    get throws {
      do {
        return try Loss.crossEntropy.objective(
          for: problem.goal, outputCount: terms.outputCount)
      } catch ObjectiveError.undefined {
        return try Loss.margin.objective(for: problem.goal, outputCount: terms.outputCount)
      }
    }
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}
