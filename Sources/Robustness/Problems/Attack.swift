public import Models
import Settings
public import Tensors

/// A search for a point of the threat at which the goal is reached.
///
/// It is written for one example and one attempt, as the paper's pseudo-code is; the runner runs
/// thousands at once and packs what they ask into batches. Nothing it returns is believed: the
/// shell evaluates the candidate itself, and also keeps the best point that was ever evaluated.
public protocol Attack: Sendable {
  /// The name on the command line.
  static var name: String { get }

  /// The least that the attack needs to know; asking for more throws.
  static var knowledge: Knowledge { get }

  /// What the attack looks for.
  static var search: SearchKind { get }

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
  /// Beside what the attack asks for, those count that the runner spends on the example as it is, on close decisions and
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
  public static var search: SearchKind { .maximumLoss }

  /// All norms.
  public static var norms: [Norm] { Norm.allCases }

  /// Attacks on no ball do, and those that climb a loss in every norm.
  public static var worksBeyondBalls: Bool {
    norms.isEmpty || (search == .maximumLoss && norms == Norm.allCases)
  }

  /// One attempt.
  public var restarts: Int { 1 }

  /// No limit but the budget.
  public var queryLimit: Int? { nil }

  /// Makes sure that the attack is written for a threat, and for each of its alternatives.
  ///
  /// The runner asks before each attempt, so that attacks need not.
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

/// What an attack looks for.
public enum SearchKind: Sendable, Hashable {
  /// The point of the threat with the largest loss.
  case maximumLoss
  /// The nearest point at which the goal is reached, as minimum-norm attacks do.
  case minimumNorm
}

/// What an attack returns: parameters it believes in.
///
/// The runner believes nothing.
public struct Candidate: Sendable, Hashable {
  /// The parameters: the perturbed input itself for a ball.
  public let z: Tensor<Float>

  /// Creates a candidate.
  public init(_ z: Tensor<Float>) { self.z = z }
}

/// An attack that sees nothing but outputs, by the type of its oracle.
public protocol ScoreAttack: Attack {
  /// Looks for a point, in one attempt; see `Attack`.
  func maximize(_ problem: Problem, using oracle: some ScoreOracle) async throws -> Candidate
}

extension ScoreAttack {
  /// The outputs.
  public static var knowledge: Knowledge { .scores }
}

/// An attack that sees nothing but decisions, by the type of its oracle.
public protocol LabelAttack: Attack {
  /// Looks for a point, in one attempt; see `Attack`.
  func maximize(_ problem: Problem, using oracle: some LabelOracle) async throws -> Candidate
}

extension LabelAttack {
  /// The decision alone.
  public static var knowledge: Knowledge { .labels }

  /// The nearest point.
  public static var search: SearchKind { .minimumNorm }
}

/// Why an attack cannot be run on a problem.
public enum AttackError: Error, Hashable, CustomStringConvertible {
  /// The attack is not written for a norm; those it is written for. The norm is `nil` for threats without one.
  case norm(Norm?, attack: String, known: [Norm])
  /// The attack works on pictures, channels x height x width, and the input is of another shape.
  case notAPicture(Shape, attack: String)
  /// The attack is written for another kind of threat.
  case threat(attack: String, expected: String)
  /// The attack moves one parameter, but the threat has another number.
  case parameters(attack: String, count: Int)
  /// A grid of too many points.
  case grid(coordinates: Int, values: Int, limit: Int)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .threat(let attack, let expected):
      "the attack '\(attack)' is not written for this threat; expected \(expected)"
    case .parameters(let attack, let count):
      "the attack '\(attack)' needs a threat of one parameter, but this has \(count); expected rotation, hue,"
        + " saturation, brightness, contrast, fog or blur"
    case .grid(let coordinates, let values, let limit):
      "a grid of \(values) values for each of \(coordinates) parameters exceeds \(limit) points; expected fewer"
        + " \(Setting.values) or a threat of few parameters, such as rotation:30+shift:3"
    case .norm(let norm, let attack, let known):
      "the attack '\(attack)' is not written for \(norm?.rawValue ?? "this threat"); it is for "
        + (known.isEmpty
          ? "threats of another kind, as `gibbon attacks \(attack)` says"
          : known.map(\.rawValue).joined(separator: ", "))
    case .notAPicture(let shape, let attack):
      "the attack '\(attack)' works on pictures, channels x height x width, and the input is"
        + " \(shape)"
    }
  }
}
