public import Models

/// A search for a point of the threat at which the goal is reached.
///
/// It is written for one example and one attempt, as the paper's pseudo-code is; the shell runs
/// thousands at once and packs what they ask into batches. Nothing it returns is believed: the
/// shell evaluates the candidate itself, and also keeps the best point that was ever evaluated.
public protocol Attack: Sendable {
  /// The name on the command line.
  static var name: String { get }

  /// The least that the attack needs to know; asking for more throws.
  static var knowledge: Knowledge { get }

  /// What the attack looks for.
  static var search: Search { get }

  /// How often the attack is run on an example that it has not broken, at least once.
  var restarts: Int { get }

  /// The most passes that one attempt asks for; asking for more throws.
  var budget: Passes { get }

  /// The most forward passes that one attempt may cost, whatever they are for; `nil` for no such limit.
  ///
  /// Beside what the attack asks for, those count that the shell spends on the example as it is, on close decisions and
  /// on the verification. Where they are spent, the next question ends the attempt with what was found.
  var queryLimit: Int? { get }

  /// Looks for a point, in one attempt.
  ///
  /// An attack that looks for the nearest point may ask and answer anywhere in `problem.domain`; others inside
  /// `problem.region` only, as far as their answer goes.
  ///
  /// - Parameters:
  ///   - problem: The example, what may be done to it, and what is to be achieved.
  ///   - oracle: The model; it throws what should end the attempt.
  /// - Returns: The last or the best point.
  /// - Throws: What the oracle throws; anything else fails this example only.
  func maximize(_ problem: Problem, using oracle: Oracle) async throws -> Candidate
}

extension Attack {
  /// The largest loss.
  public static var search: Search { .largestLoss }

  /// One attempt.
  public var restarts: Int { 1 }

  /// No limit but the budget.
  public var queryLimit: Int? { nil }
}
