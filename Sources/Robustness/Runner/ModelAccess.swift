import Models
import Tensors

/// One problem before the model: asks about its points, and says what the answers mean.
///
/// Oracles and sessions reach the model through it alone. What was spent and seen is in its ledger.
final class ModelAccess: Sendable {
  let problem: Problem
  /// The threat.
  let region: any FeasibleSet
  /// Where searches of the nearest point may look; the threat where there are none.
  private let wide: any FeasibleSet
  let settings: RunSettings
  let executor: SessionExecutor
  let ledger: Ledger
  private let outputShape: Shape
  /// See `Goal.weight`.
  private let weight: Double

  init(_ problem: Problem, settings: RunSettings, executor: SessionExecutor) throws {
    self.problem = try problem.prepared(for: settings.search)
    region = try self.problem.region
    wide = settings.search == .minimumNorm ? try self.problem.domain : region
    self.settings = settings
    self.executor = executor
    ledger = Ledger(settings)
    outputShape = Shape([settings.outputCount])
    weight = problem.goal.weight
  }

  /// The same problem on another executor, with the account and what was found, for an attack that does not come back.
  init(succeeding access: ModelAccess, executor: SessionExecutor) {
    problem = access.problem
    region = access.region
    wide = access.wide
    settings = access.settings
    self.executor = executor
    ledger = Ledger(succeeding: access.ledger)
    outputShape = access.outputShape
    weight = access.weight
  }

  /// Where a stage may look: the threat, or anywhere for searches of the nearest point.
  func domain(of stage: Int) -> any FeasibleSet {
    settings.stages[stage].search == .minimumNorm ? wide : region
  }

  /// The input that the model sees for a point.
  func input(of point: Tensor<Float>) -> Tensor<Float> {
    problem.threat.apply(point, to: problem.input)
  }

  func outputs(of reply: Reply) -> Tensor<Float> { Tensor(reply.outputs, shape: outputShape) }

  func margin(of reply: Reply) -> Double { problem.goal.margin(of: reply.outputs) }

  // MARK: - Questions

  /// Evaluates a point with one exact forward pass, beside the attack's budget.
  func evaluate(_ point: Tensor<Float>) async throws -> Reply {
    try await evaluate(example: input(of: point))
  }

  /// Evaluates an input with one exact forward pass, beside the attack's budget.
  func evaluate(example: Tensor<Float>) async throws -> Reply {
    ledger.charge(Passes(forward: 1))
    return try await executor.evaluate(example, objective: nil, isExact: true)
  }

  /// Asks about a point at the cost of an attempt.
  ///
  /// - Throws: What `Ledger.spend` throws, and `Failure.wrongShape`.
  func ask(
    _ point: Tensor<Float>, of objective: (any Objective)?, needing knowledge: Knowledge,
    _ attempt: Attempt
  ) async throws -> Reply {
    try spend(on: [point], objective, knowledge, attempt)
    return try await executor.evaluate(input(of: point), objective: objective)
  }

  /// Asks about some points at once at the cost of an attempt; throws as for a single one.
  func ask(
    all points: [Tensor<Float>], of objective: (any Objective)?, needing knowledge: Knowledge,
    _ attempt: Attempt
  ) async throws -> [Reply] {
    try spend(on: points, objective, knowledge, attempt)
    return try await executor.evaluate(all: points.map(input), objective: objective)
  }

  /// Asks for a gradient where the input of a point is transformed, at the cost of an attempt; throws as for the point
  /// itself.
  func ask(
    _ point: Tensor<Float>, of objective: any Objective,
    through transformation: any InputTransformation, _ attempt: Attempt
  ) async throws -> Answer {
    try spend(on: [point], objective, .gradients, attempt)
    let input = input(of: point)
    let seen = transformation.apply(input)
    guard seen.shape == problem.input.shape else {
      throw Failure.wrongShape(given: seen.shape, expected: problem.input.shape)
    }
    let reply = try await executor.evaluate(seen, objective: objective)
    return answer(
      point, reply, margin: margin(of: reply), reachesGoal: false,
      gradient: transformation.pullback(gradient(of: reply), at: input))
  }

  /// The gradient of an objective at a point, which no attempt asks for.
  func slope(at point: Tensor<Float>, of objective: any Objective) async throws -> Answer {
    let reply = try await executor.evaluate(input(of: point), objective: objective)
    let margin = margin(of: reply)
    return answer(
      point, reply, margin: margin, reachesGoal: margin > 0, gradient: gradient(of: reply))
  }

  private func spend(
    on points: [Tensor<Float>], _ objective: (any Objective)?, _ knowledge: Knowledge,
    _ attempt: Attempt
  ) throws {
    for point in points where point.shape != region.center.shape {
      throw Failure.wrongShape(given: point.shape, expected: region.center.shape)
    }
    try ledger.spend(
      objective == nil ? Passes(forward: points.count) : .gradients(points.count),
      needing: knowledge, attempt: attempt)
  }

  /// The gradient with respect to the input.
  func gradient(of reply: Reply) -> Tensor<Float> {
    Tensor(reply.gradient, shape: problem.input.shape)
  }

  /// The answer about a point, from the gradient with respect to its input.
  func answer(
    _ point: Tensor<Float>, _ reply: Reply, margin: Double, reachesGoal: Bool,
    gradient: Tensor<Float>
  ) -> Answer {
    Answer(
      outputs: outputs(of: reply), loss: reply.loss, margin: margin,
      gradient: problem.threat.pullback(gradient, at: point, of: problem.input),
      reachesGoal: reachesGoal)
  }

  // MARK: - Judgement

  /// What the model's answer says of a point: the margin, and whether the goal is reached; the best point inside the
  /// threat is kept, and the nearest one where that is looked for.
  ///
  /// Where inexact algorithms leave it open, an exact forward pass decides, beside the attack's budget: who searches
  /// along the boundary must know on which side a point is. Where that has a limit of queries and none is left, it
  /// stays open.
  ///
  /// Only beyond what rounding can do is a point kept as the nearest, and an attack told to stop there. Searches of the
  /// nearest point hear of the boundary itself, so that they follow it as closely as they can.
  func judge(
    _ point: Tensor<Float>, _ reply: Reply, _ attempt: Attempt
  ) async throws -> (margin: Double, reachesGoal: Bool) {
    let margin = margin(of: reply)
    // What surrogates say of a point says nothing about the model that decides.
    if settings.mode != .evaluation || settings.uncertainty == .infinity { return (margin, false) }
    if ledger.isBetter(margin, attempt), region.contains(point) {
      ledger.keep(point, margin, attempt)
    }
    guard margin > 0 else { return (margin, false) }
    var deciding = (margin: margin, reply: reply)
    if isDoubtful(margin, reply) {
      guard ledger.takesDecision(attempt.stage) else { return (margin, false) }
      let exact = try await evaluate(point)
      deciding = (self.margin(of: exact), exact)
    }
    guard deciding.margin > 0 else { return (margin, false) }
    let isBeyond = try isBeyondRounding(deciding.margin, deciding.reply)
    guard settings.stages[attempt.stage].search == .minimumNorm else { return (margin, isBeyond) }
    if isBeyond, wide.contains(point) {
      let distance = wide.distance(of: point)
      ledger.approach(
        Ledger.Nearest(z: point, distance: distance, attempt: attempt),
        isInside: distance <= region.radius && region.contains(point))
    }
    return (margin, true)
  }

  /// Whether an attempt may stop: all that was asked is answered.
  var isSolved: Bool {
    problem.earlyStopping && settings.mode == .evaluation && ledger.isSolved
  }

  /// The adversarial example at a point, from the exact forward pass there; `nil` if the goal is not reached, or other ways to
  /// compute the model do not confirm it.
  ///
  /// `goal` is another goal than the problem's.
  func adversarialExample(
    _ z: Tensor<Float>, _ reply: Reply, _ attempt: Attempt, asksDefinition: Bool = true,
    goal: Goal? = nil
  ) throws -> AdversarialExample? {
    let domain = domain(of: attempt.stage)
    let goal = goal ?? problem.goal
    let margin = goal.margin(of: reply.outputs)
    guard margin > 0, domain.contains(z) else { return nil }
    let input = input(of: z)
    guard
      let rounding = try rounding(at: input, goal, margin, reply, asksDefinition: asksDefinition)
    else { return nil }
    let entries = ledger.entries
    return AdversarialExample(
      z: z, input: input, margin: margin, rounding: rounding,
      prediction: problem.goal.prediction(of: outputs(of: reply)),
      distance: domain.distance(of: z), attack: settings.stages[attempt.stage].name,
      restart: attempt.restart,
      passes: region.contains(z) ? entries.passesToGoal ?? entries.passes : entries.passes)
  }

  // MARK: - Rounding

  /// Whether an exact forward pass might not reach the goal at a point of this margin.
  private func isDoubtful(_ margin: Double, _ reply: Reply) -> Bool {
    settings.uncertainty > 0 && margin <= settings.uncertainty * reply.size
  }

  /// Whether a margin above zero is beyond what rounding can do, so that no other way to compute the model needs to be
  /// asked.
  private func isBeyondRounding(_ margin: Double, _ reply: Reply) throws -> Bool {
    guard let definition = settings.definition else { return true }
    // The largest output there or at the example as it is, in units of the margin.
    let size = weight * max(ledger.entries.cleanSize, reply.size)
    // So rounding is not measured where no margin is that small.
    if margin > Rounding.clearance * size { return true }
    return margin > min(try definition.rounding(), Rounding.clearance) * size
  }

  /// What other ways to compute the model say of an input where the exact pass reaches the goal; `nil` if they do not
  /// confirm it, or the margin leaves it open and they are not to be asked.
  private func rounding(
    at input: Tensor<Float>, _ goal: Goal, _ margin: Double, _ reply: Reply, asksDefinition: Bool
  ) throws -> Rounding? {
    guard let definition = settings.definition else { return .unverified }
    if try isBeyondRounding(margin, reply) { return .clear }
    guard asksDefinition else { return nil }
    let defined = try definition.outputs(of: input)
    return Rounding(
      margin: goal.margin(of: defined.precise),
      others: [margin] + defined.reordered.map { goal.margin(of: $0) })
  }
}
