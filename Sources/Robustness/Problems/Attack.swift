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

  /// The norms of the balls that it is written for; none where it is for other threats alone.
  static var norms: [Norm] { get }

  /// Whether it also works on threats that are no balls, such as rotations: it asks nothing but the region.
  static var worksBeyondBalls: Bool { get }

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

  /// All norms.
  public static var norms: [Norm] { Norm.allCases }

  /// Attacks on no ball do, and those that climb a loss in every norm.
  public static var worksBeyondBalls: Bool {
    norms.isEmpty || (search == .largestLoss && norms == Norm.allCases)
  }

  /// One attempt.
  public var restarts: Int { 1 }

  /// No limit but the budget.
  public var queryLimit: Int? { nil }

  /// Makes sure that the attack is written for a threat, and for each of its alternatives.
  ///
  /// The shell asks before each attempt, so that attacks need not.
  ///
  /// - Throws: `AttackError` that says for which threats it is.
  public static func check(_ threat: any ThreatModel) throws(AttackError) {
    for alternative in threat.alternatives {
      guard let norm = alternative.norm else {
        if worksBeyondBalls { continue }
        throw .norm(nil, attack: name, known: norms)
      }
      if norms.contains(norm) { continue }
      if norms.isEmpty { throw .threat(attack: name, expected: "a threat that is no ball") }
      throw .norm(norm, attack: name, known: norms)
    }
  }
}
