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
