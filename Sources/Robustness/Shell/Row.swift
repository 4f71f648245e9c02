import Models
import Synchronization
import Tensors

/// One problem while it is being worked on: its books, and what the attack has achieved.
final class Row: Sendable {
  /// The end of an attempt that has no queries left.
  struct QueriesSpent: Error {}

  /// A point of the threat and its margin.
  struct Best {
    let z: Tensor<Float>
    let margin: Double
    let attempt: Attempt
  }

  /// A point at which the goal is reached.
  struct Nearest {
    let z: Tensor<Float>
    let distance: Double
    let attempt: Attempt
  }

  private struct State {
    var passes = Passes.zero
    /// The stage of the cascade, once the example as it is has been looked at.
    var stage: Int?
    /// The passes of each stage.
    var stagePasses: [Passes]
    /// What the present attempt has spent.
    var spent = Passes.zero
    /// The forward passes of the present attempt, with those that it did not ask for.
    var queries = 0
    /// The attempt whose oracle is open.
    var attempt: Attempt?
    var best: Best?
    var nearest: Nearest?
    /// Whether the goal is reached at a point inside the threat.
    var isSolved = false
    var prediction: Int?
    var cleanMargin = Double.nan
    /// The largest output at the example as it is.
    var cleanSize = 0.0
    var isAbandoned = false
    /// The passes after which the goal was first seen to be reached inside the threat.
    var passesToGoal: Passes?

    /// Counts passes.
    mutating func book(_ cost: Passes) {
      passes += cost
      if let stage { stagePasses[stage] += cost }
    }

    /// Takes some of the queries of an attempt; `false` if that would be more than the limit.
    mutating func takes(_ count: Int, of limit: Int?) -> Bool {
      guard queries + count <= limit ?? .max else { return false }
      queries += count
      return true
    }

    /// Notes a margin seen inside the threat.
    mutating func note(_ margin: Double) {
      if margin > 0, passesToGoal == nil { passesToGoal = passes }
    }
  }

  let problem: Problem
  /// The threat.
  let region: any FeasibleSet
  /// Where searches of the nearest point may look; the threat where there are none.
  private let wide: any FeasibleSet
  let terms: Terms
  let lane: Lane
  let outputShape: Shape
  private let zShape: Shape
  private let budgets: [Passes]
  private let queryLimits: [Int?]
  /// See `Goal.weight`.
  let weight: Double
  /// The first stage that is this row's.
  let firstStage: Int
  /// Stages that are not run, because they stalled on too many rows.
  let refusedStages: Set<Int>
  private let state: Mutex<State>

  init(
    _ problem: Problem, terms: Terms, lane: Lane, refusing refusedStages: Set<Int> = []
  ) throws {
    self.problem = try problem.prepared(for: terms.search)
    region = try self.problem.region
    wide = terms.search == .nearest ? try self.problem.domain : region
    zShape = region.center.shape
    self.terms = terms
    self.lane = lane
    budgets = terms.stages.map(\.attack.budget)
    queryLimits = terms.stages.map { terms.isTraining ? nil : $0.attack.queryLimit }
    weight = problem.goal.weight
    firstStage = 0
    self.refusedStages = refusedStages
    state = Mutex(State(stagePasses: terms.stages.map { _ in .zero }))
    outputShape = Shape([terms.outputCount])
  }

  /// Takes a row, its books and what it has found from an attack that does not come back; what is left to do goes on
  /// with the next stage, on another lane.
  init(succeeding row: Row, lane: Lane) {
    problem = row.problem
    region = row.region
    wide = row.wide
    terms = row.terms
    self.lane = lane
    outputShape = row.outputShape
    zShape = row.zShape
    budgets = row.budgets
    queryLimits = row.queryLimits
    weight = row.weight
    refusedStages = row.refusedStages
    let taken = row.state.withLock { state in
      state.attempt = nil
      state.isAbandoned = true
      return state
    }
    firstStage = max(row.firstStage, taken.stage ?? terms.stages.count) + 1
    var kept = taken
    kept.isAbandoned = false
    state = Mutex(kept)
  }

  /// Where a stage may look: the threat, or anywhere for searches of the nearest point.
  func domain(of stage: Int) -> any FeasibleSet {
    terms.stages[stage].search == .nearest ? wide : region
  }

  // MARK: - What the oracle asks

  /// Checks the shape of a point.
  func check(_ point: Tensor<Float>) throws(Failure) {
    guard point.shape == zShape else {
      throw .wrongShape(given: point.shape, expected: zShape)
    }
  }

  /// Books the passes of a request on one point.
  func spend(
    _ cost: Passes, at point: Tensor<Float>, needing knowledge: Knowledge, attempt: Attempt
  ) throws {
    try check(point)
    try spend(cost, needing: knowledge, attempt: attempt)
  }

  /// Books the passes of a request.
  ///
  /// - Throws: `Failure` if the attack may not ask for that; `QueriesSpent` if there is nothing left of its queries;
  ///   `CancellationError` if its time is over.
  func spend(_ cost: Passes, needing knowledge: Knowledge, attempt: Attempt) throws {
    guard knowledge <= terms.stages[attempt.stage].knowledge else {
      throw Failure.notRevealed(knowledge)
    }
    let budget = budgets[attempt.stage]
    try state.withLock { state in
      guard state.attempt == attempt else { throw CancellationError() }
      let spent = state.spent + cost
      guard spent.fits(within: budget) else { throw Failure.overBudget(budget) }
      guard state.takes(cost.forward, of: askable(attempt.stage)) else { throw QueriesSpent() }
      state.spent = spent
      state.book(cost)
    }
  }

  /// The queries of a stage that may be asked for: one is for the verification.
  private func askable(_ stage: Int) -> Int? { queryLimits[stage].map { $0 - 1 } }

  /// How many more forward passes an attempt may ask for.
  func left(_ attempt: Attempt) -> Int {
    state.withLock { state in
      guard state.attempt == attempt else { return 0 }
      let budget = budgets[attempt.stage].forward - state.spent.forward
      return max(0, min(budget, (askable(attempt.stage) ?? .max) - state.queries))
    }
  }

  /// Whether one more pass, of those that a stage may ask for, is left to decide a close call; it is taken then.
  private func takesDecision(_ attempt: Attempt) -> Bool {
    state.withLock { $0.takes(1, of: askable(attempt.stage)) }
  }

  /// Whether one more pass is left to verify a point; it is taken then.
  func takesVerification(_ stage: Int) -> Bool {
    state.withLock { $0.takes(1, of: queryLimits[stage]) }
  }

  /// Whether there is a limit that verifications count against, and only one more of them is within it.
  func hasOneVerification(_ stage: Int) -> Bool {
    queryLimits[stage].map { limit in state.withLock { limit - $0.queries <= 1 } } ?? false
  }

  /// The input that the model sees for a point.
  func input(of point: Tensor<Float>) -> Tensor<Float> {
    problem.threat.apply(point, to: problem.input)
  }

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
    _ point: Tensor<Float>, _ outputs: [Float], attempt: Attempt
  ) async throws -> (margin: Double, reachesGoal: Bool) {
    let margin = outputs.withUnsafeBufferPointer { problem.goal.margin(of: $0) }
    // What surrogates say of a point says nothing about the model that decides.
    if terms.isTraining || terms.uncertainty == .infinity { return (margin, false) }
    let improves = state.withLock { state in
      state.attempt == attempt && state.best.map { margin > $0.margin } ?? false
    }
    if improves, region.contains(point) { keep(point, margin, attempt: attempt) }
    guard margin > 0 else { return (margin, false) }
    var deciding = (margin: margin, outputs: outputs)
    if isDoubtful(margin, outputs) {
      guard takesDecision(attempt) else { return (margin, false) }
      let exact = try await evaluate(point).outputs
      deciding = (exact.withUnsafeBufferPointer { problem.goal.margin(of: $0) }, exact)
    }
    guard deciding.margin > 0 else { return (margin, false) }
    let isBeyond = try isBeyondRounding(deciding.margin, deciding.outputs)
    guard terms.stages[attempt.stage].search == .nearest else { return (margin, isBeyond) }
    if isBeyond { approach(point, attempt: attempt) }
    return (margin, true)
  }

  /// Keeps a point at which the goal is reached if it is the nearest so far.
  private func approach(_ point: Tensor<Float>, attempt: Attempt) {
    guard wide.contains(point) else { return }
    let distance = wide.distance(of: point)
    let isInside = distance <= region.radius && region.contains(point)
    state.withLock { state in
      guard state.attempt == attempt else { return }
      if isInside { state.isSolved = true }
      if state.nearest.map({ distance < $0.distance }) ?? true {
        state.nearest = Nearest(z: point, distance: distance, attempt: attempt)
      }
    }
  }

  /// Whether an attempt may stop: all that was asked is answered.
  var isSolved: Bool {
    if problem.question == .nearest || terms.isTraining { return false }
    return state.withLock { $0.isSolved }
  }

  /// Whether an exact forward pass might not reach the goal at a point of this margin.
  private func isDoubtful(_ margin: Double, _ outputs: [Float]) -> Bool {
    terms.uncertainty > 0
      && margin <= terms.uncertainty * Double(outputs.reduce(0) { max($0, abs($1)) })
  }

  // MARK: - What the shell does

  /// Evaluates a point with one exact forward pass, beside the attack's budget.
  func evaluate(_ point: Tensor<Float>) async throws -> Reply {
    try await evaluate(example: input(of: point))
  }

  /// Evaluates an input with one exact forward pass, beside the attack's budget.
  func evaluate(example: Tensor<Float>) async throws -> Reply {
    state.withLock { $0.book(Passes(forward: 1)) }
    return try await lane.evaluate(example, objective: nil, isExact: true)
  }

  /// Notes what the model says of the example as it is.
  func begin(prediction: Int?, margin: Double, size: Double) {
    state.withLock { state in
      state.prediction = prediction
      state.cleanSize = size
      state.cleanMargin = margin
      state.best = Best(z: region.center, margin: margin, attempt: Attempt(stage: 0, restart: 0))
    }
  }

  /// Opens the oracle for one attempt.
  ///
  /// - Returns: `nil` if the row was abandoned.
  func open(_ attempt: Attempt) -> Oracle? {
    state.withLock { state in
      if state.isAbandoned { return false }
      state.attempt = attempt
      state.stage = attempt.stage
      state.spent = .zero
      // The first attempt bears the look at the example as it is.
      state.queries = attempt == Attempt(stage: 0, restart: 0) ? state.passes.forward : 0
      return true
    } ? Oracle(row: self, attempt: attempt) : nil
  }

  /// Closes the oracle.
  ///
  /// - Returns: Whether the row is still the attack's, not abandoned.
  func close() -> Bool {
    state.withLock { state in
      state.attempt = nil
      return !state.isAbandoned
    }
  }

  /// Keeps a point of the threat if it is the best so far.
  func keep(_ point: Tensor<Float>, _ margin: Double, attempt: Attempt) {
    state.withLock { state in
      state.note(margin)
      if let best = state.best, margin > best.margin {
        state.best = Best(z: point, margin: margin, attempt: attempt)
      }
    }
  }

  /// The largest output at the example as it is.
  var cleanSize: Double { state.withLock { $0.cleanSize } }

  /// The best point inside the threat, the example itself to begin with.
  var best: Best? { state.withLock { $0.best } }

  /// Takes the nearest point at which the goal is reached out of the books.
  func takeNearest() -> Nearest? {
    state.withLock { state in
      defer { (state.nearest, state.isSolved) = (nil, false) }
      return state.nearest
    }
  }

  /// The stage that the row is at.
  var stage: Int { state.withLock { $0.stage ?? 0 } }

  /// The passes spent so far.
  var passes: Passes { state.withLock { $0.passes } }

  /// The passes after which the goal was first seen to be reached inside the threat.
  var passesToGoal: Passes? { state.withLock { $0.passesToGoal } }

  /// What is to be reported.
  func outcome(witness: Witness?, nearest: Witness? = nil, failure: Failure?) -> Outcome {
    state.withLock { state in
      Outcome(
        index: problem.index, label: problem.label, prediction: state.prediction,
        cleanMargin: state.cleanMargin, margin: state.best?.margin ?? state.cleanMargin,
        witness: witness, alternative: nil, nearest: nearest, passes: state.passes,
        stagePasses: state.stagePasses, failure: failure)
    }
  }
}
