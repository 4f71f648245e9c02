import Synchronization
import Tensors

/// One problem while it is being worked on: its books, and what the attack has achieved.
final class Row: Sendable {
  /// A point of the threat and its margin.
  struct Best {
    let z: Tensor<Float>
    let margin: Double
    let restart: Int
  }

  /// A point at which the goal is reached.
  struct Nearest {
    let z: Tensor<Float>
    let distance: Double
    let restart: Int
  }

  private struct State {
    var passes = Passes.zero
    /// What the present attempt has spent.
    var spent = Passes.zero
    /// The attempt whose oracle is open.
    var attempt: Int?
    var best: Best?
    var nearest: Nearest?
    /// Whether the goal is reached at a point inside the threat.
    var isSolved = false
    var prediction: Int?
    var cleanMargin = Double.nan
    var isAbandoned = false
  }

  let problem: Problem
  /// The threat.
  let region: any FeasibleSet
  /// Where the attack may look: the threat, or anywhere for searches of the nearest point.
  let domain: any FeasibleSet
  let terms: Terms
  let lane: Lane
  let outputShape: Shape
  private let zShape: Shape
  private let budget: Passes
  private let state = Mutex(State())

  init(_ problem: Problem, terms: Terms, lane: Lane) throws {
    self.problem = try problem.prepared(for: terms.search)
    region = try self.problem.region
    domain = terms.search == .nearest ? try self.problem.domain : region
    zShape = region.center.shape
    self.terms = terms
    self.lane = lane
    budget = terms.attack.budget
    outputShape = Shape([terms.outputCount])
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
    _ cost: Passes, at point: Tensor<Float>, needing knowledge: Knowledge, restart: Int
  ) throws {
    try check(point)
    try spend(cost, needing: knowledge, restart: restart)
  }

  /// Books the passes of a request.
  ///
  /// - Throws: `Failure` if the attack may not ask for that; `CancellationError` if its time is
  ///   over.
  func spend(_ cost: Passes, needing knowledge: Knowledge, restart: Int) throws {
    guard knowledge <= terms.knowledge else { throw Failure.notRevealed(knowledge) }
    try state.withLock { state in
      guard state.attempt == restart else { throw CancellationError() }
      let spent = state.spent + cost
      guard spent.fits(within: budget) else { throw Failure.overBudget(budget) }
      state.spent = spent
      state.passes += cost
    }
  }

  /// The input that the model sees for a point.
  func input(of point: Tensor<Float>) -> Tensor<Float> {
    problem.threat.apply(point, to: problem.input)
  }

  /// The margin of a point that was evaluated; the best one inside the threat is kept.
  func judge(_ point: Tensor<Float>, _ outputs: [Float], restart: Int) -> Double {
    let margin = outputs.withUnsafeBufferPointer { problem.goal.margin(of: $0) }
    // What surrogates say of a point says nothing about the model that decides.
    if terms.isTraining || terms.uncertainty == .infinity { return margin }
    let improves = state.withLock { state in
      state.attempt == restart && state.best.map { margin > $0.margin } ?? false
    }
    if improves, region.contains(point) { keep(point, margin, restart: restart) }
    if terms.search == .nearest, reaches(margin, outputs) { approach(point, restart: restart) }
    return margin
  }

  /// Keeps a point at which the goal is reached if it is the nearest so far.
  private func approach(_ point: Tensor<Float>, restart: Int) {
    guard domain.contains(point) else { return }
    let distance = domain.distance(of: point)
    let isInside = distance <= region.radius && region.contains(point)
    state.withLock { state in
      guard state.attempt == restart else { return }
      if isInside { state.isSolved = true }
      if state.nearest.map({ distance < $0.distance }) ?? true {
        state.nearest = Nearest(z: point, distance: distance, restart: restart)
      }
    }
  }

  /// Whether an attempt may stop: all that was asked is answered.
  var isSolved: Bool {
    if problem.question == .nearest || terms.isTraining { return false }
    return state.withLock { $0.isSolved }
  }

  /// Whether an attempt may stop at a point of this margin: the exact forward pass will reach the goal too.
  func reaches(_ margin: Double, _ outputs: [Float]) -> Bool {
    guard margin > 0, !terms.isTraining else { return false }
    guard terms.uncertainty > 0 else { return true }
    return margin > terms.uncertainty * Double(outputs.reduce(0) { max($0, abs($1)) })
  }

  // MARK: - What the shell does

  /// Evaluates a point with one exact forward pass, beside the attack's budget.
  func evaluate(_ point: Tensor<Float>, on lane: Lane) async throws -> Reply {
    try await evaluate(example: input(of: point), on: lane)
  }

  /// Evaluates an input with one exact forward pass, beside the attack's budget.
  func evaluate(example: Tensor<Float>, on lane: Lane) async throws -> Reply {
    state.withLock { $0.passes += Passes(forward: 1) }
    return try await lane.evaluate(example, objective: nil, isExact: true)
  }

  /// Notes what the model says of the example as it is.
  func begin(prediction: Int?, margin: Double) {
    state.withLock { state in
      state.prediction = prediction
      state.cleanMargin = margin
      state.best = Best(z: region.center, margin: margin, restart: 0)
    }
  }

  /// Opens the oracle for one attempt.
  ///
  /// - Returns: `nil` if the row was abandoned.
  func open(restart: Int) -> Oracle? {
    state.withLock { state in
      if state.isAbandoned { return false }
      state.attempt = restart
      state.spent = .zero
      return true
    } ? Oracle(row: self, restart: restart) : nil
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

  /// Takes the row from its attack.
  func abandon() {
    state.withLock { state in
      state.attempt = nil
      state.isAbandoned = true
    }
  }

  /// Keeps a point of the threat if it is the best so far.
  func keep(_ point: Tensor<Float>, _ margin: Double, restart: Int) {
    state.withLock { state in
      if let best = state.best, margin > best.margin {
        state.best = Best(z: point, margin: margin, restart: restart)
      }
    }
  }

  /// The best point inside the threat, the example itself to begin with.
  var best: Best? { state.withLock { $0.best } }

  /// Takes the nearest point at which the goal is reached out of the books.
  func takeNearest() -> Nearest? {
    state.withLock { state in
      defer { (state.nearest, state.isSolved) = (nil, false) }
      return state.nearest
    }
  }

  /// The passes spent so far.
  var passes: Passes { state.withLock { $0.passes } }

  /// What is to be reported.
  func outcome(witness: Witness?, nearest: Witness? = nil, failure: Failure?) -> Outcome {
    state.withLock { state in
      Outcome(
        index: problem.index, label: problem.label, prediction: state.prediction,
        cleanMargin: state.cleanMargin, margin: state.best?.margin ?? state.cleanMargin,
        witness: witness, nearest: nearest, passes: state.passes, failure: failure)
    }
  }
}
