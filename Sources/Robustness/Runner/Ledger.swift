import Models
import Synchronization
import Tensors

/// The account of one row: what was spent, what may be spent, and the best that was seen.
///
/// Every method is one step under the lock: an attack may ask from several threads, and the watch may take the row from
/// it at any moment. Only the open attempt spends; once the row is abandoned none opens any more.
final class Ledger: Sendable {
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

  /// What stands in the account.
  struct Entries {
    /// The passes spent so far.
    fileprivate(set) var passes = Passes.zero
    /// The passes of each stage.
    fileprivate(set) var stagePasses: [Passes]
    /// The passes after which the goal was first seen to be reached inside the threat.
    fileprivate(set) var passesToGoal: Passes?
    /// The stage of the cascade, once the example as it is has been looked at.
    fileprivate(set) var stage: Int?
    /// What the model makes of the example as it is.
    fileprivate(set) var prediction: Int?
    fileprivate(set) var cleanMargin = Double.nan
    /// The largest output at the example as it is.
    fileprivate(set) var cleanSize = 0.0
    /// The best point inside the threat, the example itself to begin with.
    fileprivate(set) var best: Best?
    fileprivate var nearest: Nearest?
    /// Whether the goal is reached at a point inside the threat.
    fileprivate var isSolved = false
    /// The attempt whose oracle is open.
    fileprivate var attempt: Attempt?
    /// What the present attempt has spent.
    fileprivate var spent = Passes.zero
    /// The forward passes of the present attempt, with those that it did not ask for.
    fileprivate var queries = 0
    fileprivate var isAbandoned = false

    fileprivate mutating func charge(_ cost: Passes) {
      passes += cost
      if let stage { stagePasses[stage] += cost }
    }

    /// Takes some of the queries of an attempt; `false` if that would be more than the limit.
    fileprivate mutating func takes(_ count: Int, of limit: Int?) -> Bool {
      guard queries + count <= limit ?? .max else { return false }
      queries += count
      return true
    }
  }

  /// What one attempt of a stage may spend.
  private struct Allowance {
    let knowledge: Knowledge
    let budget: Passes
    let queries: Int?
    /// The queries that may be asked for: one is for the verification.
    var askable: Int? { queries.map { $0 - 1 } }
  }

  private let allowances: [Allowance]
  private let state: Mutex<Entries>

  init(_ settings: RunSettings) {
    allowances = settings.stages.map { stage in
      Allowance(
        knowledge: stage.knowledge, budget: stage.attack.budget,
        queries: settings.mode == .evaluation ? stage.attack.queryLimit : nil)
    }
    state = Mutex(Entries(stagePasses: settings.stages.map { _ in .zero }))
  }

  /// Takes the account from an attack that does not come back, to which it is closed from here on.
  init(succeeding ledger: Ledger) {
    allowances = ledger.allowances
    var taken = ledger.state.withLock { state in
      state.attempt = nil
      state.isAbandoned = true
      return state
    }
    taken.isAbandoned = false
    state = Mutex(taken)
  }

  /// What stands in the account now.
  var entries: Entries { state.withLock { $0 } }

  // MARK: - Attempts

  /// Opens the account for an attempt.
  ///
  /// - Returns: Whether the row is still the attack's, not abandoned.
  func open(_ attempt: Attempt) -> Bool {
    state.withLock { state in
      if state.isAbandoned { return false }
      state.attempt = attempt
      state.stage = attempt.stage
      state.spent = .zero
      // The first attempt bears the look at the example as it is.
      state.queries = attempt == .first ? state.passes.forward : 0
      return true
    }
  }

  /// Closes the account to the present attempt.
  ///
  /// - Returns: Whether the row is still the attack's, not abandoned.
  func close() -> Bool {
    state.withLock { state in
      state.attempt = nil
      return !state.isAbandoned
    }
  }

  // MARK: - Passes

  /// Charges passes that no attempt asked for.
  func charge(_ cost: Passes) { state.withLock { $0.charge(cost) } }

  /// Charges the passes of a request.
  ///
  /// - Throws: `Failure` if the attack may not ask for that; `QueriesSpent` if there is nothing left of its queries;
  ///   `CancellationError` if its time is over.
  func spend(_ cost: Passes, needing knowledge: Knowledge, attempt: Attempt) throws {
    let allowance = allowances[attempt.stage]
    guard knowledge <= allowance.knowledge else { throw Failure.notRevealed(knowledge) }
    try state.withLock { state in
      guard state.attempt == attempt else { throw CancellationError() }
      let spent = state.spent + cost
      guard spent.fits(within: allowance.budget) else {
        throw Failure.overBudget(allowance.budget)
      }
      guard state.takes(cost.forward, of: allowance.askable) else { throw QueriesSpent() }
      state.spent = spent
      state.charge(cost)
    }
  }

  /// How many more forward passes an attempt may ask for.
  func left(_ attempt: Attempt) -> Int {
    let allowance = allowances[attempt.stage]
    return state.withLock { state in
      guard state.attempt == attempt else { return 0 }
      let budget = allowance.budget.forward - state.spent.forward
      return max(0, min(budget, (allowance.askable ?? .max) - state.queries))
    }
  }

  /// Whether one more pass, of those that a stage may ask for, is left to decide a close call; it is taken then.
  func takesDecision(_ stage: Int) -> Bool {
    state.withLock { $0.takes(1, of: allowances[stage].askable) }
  }

  /// Whether one more pass is left to verify a point; it is taken then.
  func takesVerification(_ stage: Int) -> Bool {
    state.withLock { $0.takes(1, of: allowances[stage].queries) }
  }

  /// Whether there is a limit that verifications count against, and only one more of them is within it.
  func hasOneVerification(_ stage: Int) -> Bool {
    allowances[stage].queries.map { limit in state.withLock { limit - $0.queries <= 1 } } ?? false
  }

  // MARK: - Points

  /// Notes what the model says of the example as it is.
  func begin(at center: Tensor<Float>, prediction: Int?, margin: Double, size: Double) {
    state.withLock { state in
      state.prediction = prediction
      state.cleanSize = size
      state.cleanMargin = margin
      state.best = Best(z: center, margin: margin, attempt: .first)
    }
  }

  /// Whether an open attempt has come to a larger margin than any before.
  func isBetter(_ margin: Double, _ attempt: Attempt) -> Bool {
    state.withLock { state in
      state.attempt == attempt && state.best.map { margin > $0.margin } ?? false
    }
  }

  /// Keeps a point of the threat if it is the best so far.
  func keep(_ point: Tensor<Float>, _ margin: Double, _ attempt: Attempt) {
    state.withLock { state in
      if margin > 0, state.passesToGoal == nil { state.passesToGoal = state.passes }
      if let best = state.best, margin > best.margin {
        state.best = Best(z: point, margin: margin, attempt: attempt)
      }
    }
  }

  /// Keeps a point at which an open attempt reaches the goal if it is the nearest so far.
  func approach(_ nearest: Nearest, isInside: Bool) {
    state.withLock { state in
      guard state.attempt == nearest.attempt else { return }
      if isInside { state.isSolved = true }
      if state.nearest.map({ nearest.distance < $0.distance }) ?? true { state.nearest = nearest }
    }
  }

  /// Takes the nearest point at which the goal is reached out of the account.
  func takeNearest() -> Nearest? {
    state.withLock { state in
      defer { (state.nearest, state.isSolved) = (nil, false) }
      return state.nearest
    }
  }

  /// Whether a search of the nearest point has reached the goal inside the threat.
  var isSolved: Bool { state.withLock { $0.isSolved } }
}
