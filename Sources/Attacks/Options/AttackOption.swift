import Robustness

/// An option of an attack: one of its properties, as it is read from text and written again.
///
/// What it is where nobody gives it is the property's own standard value.
public struct AttackOption<Owner: ConfigurableAttack>: Sendable {
  /// A property of the attack.
  public typealias Path<Value> = any WritableKeyPath<Owner, Value> & Sendable

  /// Its name, range, standard value and meaning.
  public let parameter: Parameter

  /// Sets the property by a text that the parameter accepts.
  let read: @Sendable (String, inout Owner) -> Void

  /// The property as text; `nil` where it is left to the attack.
  let text: @Sendable (Owner) -> String?

  private init<Value: Sendable>(
    _ name: String, _ path: Path<Value>, _ kind: Parameter.Kind, _ summary: String,
    _ rule: Parameter.Rule? = nil, parse: @escaping @Sendable (String) -> Value?,
    text: @escaping @Sendable (Value) -> String?
  ) {
    parameter = Parameter(
      name: name, kind: kind, standard: text(Owner()[keyPath: path]), summary: summary, rule: rule)
    read = { if let value = parse($0) { $1[keyPath: path] = value } }
    self.text = { text($0[keyPath: path]) }
  }

  /// An integer in a range.
  public static func integer(
    _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ summary: String
  ) -> Self {
    Self(name, path, .integer(range), summary, parse: { Int($0) }, text: { "\($0)" })
  }

  /// An integer in a range, which the attack finds by a rule where nobody gives it.
  public static func integer(
    _ name: String, _ path: Path<Int?>, _ range: ClosedRange<Int>, _ summary: String,
    rule: Parameter.Rule
  ) -> Self {
    Self(
      name, path, .integer(range), summary, rule, parse: { Int($0).map(Optional.some) },
      text: { $0.map { "\($0)" } })
  }

  /// A number in a range.
  public static func number(
    _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>, _ summary: String
  ) -> Self {
    Self(name, path, .number(range), summary, parse: Parameter.number, text: { "\($0)" })
  }

  /// A number in a range, which the attack finds by a rule where nobody gives it.
  public static func number(
    _ name: String, _ path: Path<Double?>, _ range: ClosedRange<Double>, _ summary: String,
    rule: Parameter.Rule
  ) -> Self {
    Self(
      name, path, .number(range), summary, rule,
      parse: { Parameter.number($0).map(Optional.some) }, text: { $0.map { "\($0)" } })
  }

  /// `true` or `false`.
  public static func flag(_ name: String, _ path: Path<Bool>, _ summary: String) -> Self {
    Self(name, path, .flag, summary, parse: { Bool($0) }, text: { "\($0)" })
  }

  /// One of some words.
  public static func choice<Word: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Word>, _ summary: String
  ) -> Self {
    Self(
      name, path, .choice(Word.allCases.map(\.rawValue)), summary,
      parse: { Word(rawValue: $0) }, text: { $0.rawValue })
  }

  /// One of some words, of which the attack finds one by a rule where nobody gives it.
  public static func choice<Word: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Word?>, _ summary: String, rule: Parameter.Rule
  ) -> Self {
    Self(
      name, path, .choice(Word.allCases.map(\.rawValue)), summary, rule,
      parse: { Word(rawValue: $0).map(Optional.some) }, text: { $0?.rawValue })
  }
}

// The options that several attacks have.
extension AttackOption {
  // MARK: - Steps and starts

  static func steps(_ path: Path<Int>) -> Self {
    .integer("steps", path, 1...1_000_000, "number of steps")
  }

  static func stepSize(_ path: Path<Double?>, _ rule: Parameter.Rule) -> Self {
    .number("step-size", path, 0...1e30, "length of a step in the threat's norm", rule: rule)
  }

  static func restarts(_ path: Path<Int>) -> Self {
    .integer("restarts", path, 1...1_000_000, "attempts on each example that is not broken yet")
  }

  static func randomStart(_ path: Path<Bool>) -> Self {
    .flag("random-start", path, "begin at a random point of the threat")
  }

  static func momentum(_ path: Path<Double>, upTo limit: Double) -> Self {
    .number("momentum", path, 0...limit, "share of past gradients kept at each step")
  }

  static func decay(_ path: Path<Double>) -> Self {
    .number("decay", path, 0...10, "share of past gradients kept at each step")
  }

  /// When searches that are too slow are given up.
  static func patience(_ path: Path<Int>) -> Self {
    .integer(
      "patience", path, 0...1_000_000,
      "steps after which, again and again, searches that are too slow are given up; 0 for never")
  }

  // MARK: - What is maximised

  static func objective(_ path: Path<Loss>) -> Self {
    .choice("objective", path, "what to maximise")
  }

  /// The loss of an attack that otherwise chooses one itself.
  static func objective(_ path: Path<Loss?>, _ rule: String) -> Self {
    .choice("objective", path, "what to maximise", rule: .words(rule))
  }

  /// The weights of the goal against the distance, and the optimiser that minimises their sum.
  static func constants(_ path: Path<Int>) -> Self {
    .integer("constants", path, 1...1000, "how many weights of the goal are tried")
  }

  static func constant(_ path: Path<Double>) -> Self {
    .number("constant", path, 1e-30...1e30, "the first weight of the goal")
  }

  static func rate(_ path: Path<Double>) -> Self {
    .number("rate", path, 1e-30...1e30, "rate of the optimiser")
  }

  static func goalMargin(_ path: Path<Double>) -> Self {
    .number("goal-margin", path, 0...1e30, "the margin by which the goal is to be reached")
  }

  // MARK: - Classes and pixels

  static func rivals(_ path: Path<Int>, upTo limit: Int = 1_000_000) -> Self {
    .integer(
      "rivals", path, 1...limit, "how many of the nearest classes are compared at each step")
  }

  static func overshoot(_ path: Path<Double>) -> Self {
    .number(
      "overshoot", path, 0...10, "how far beyond the boundary moves aim, as a share")
  }

  static func reduction(_ path: Path<Int>) -> Self {
    .integer(
      "reduction", path, 0...1_000_000, "forward passes for putting needless pixels back")
  }

  static func probability(_ path: Path<Double>) -> Self {
    .number("probability", path, 0...1, "probability that a gradient is taken at another input")
  }

  static func leastSize(_ path: Path<Double>) -> Self {
    .number("least-size", path, 0.01...1, "least size of a smaller picture, as a share")
  }

  // MARK: - Queries

  /// The budget of an attack of which each attempt is paid for by itself.
  static func queries(_ path: Path<Int>) -> Self {
    .integer(
      "queries", path, 1...100_000_000,
      "the most forward passes that one attempt on an example costs, checks included")
  }

  /// The budget of an attack of a single attempt.
  static func exampleQueries(_ path: Path<Int>) -> Self {
    .integer(
      "queries", path, 1...100_000_000,
      "the most forward passes that an example costs, checks included")
  }

  static func draws(_ path: Path<Int>) -> Self {
    .integer("draws", path, 1...1_000_000, "random directions of the first estimate")
  }

  static func samples(_ path: Path<Int>) -> Self {
    .integer("samples", path, 1...1_000_000, "number of draws")
  }

  static func directions(_ path: Path<Int>) -> Self {
    .integer("samples", path, 1...1_000_000, "number of directions of one step")
  }

  static func spread(_ path: Path<Double>) -> Self {
    .number(
      "spread", path, 1e-30...1e30, "length of the differences that slopes are estimated from")
  }
}
