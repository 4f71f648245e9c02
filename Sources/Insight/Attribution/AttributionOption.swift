/// An option of an attribution method: one of its properties, as it is read from text and written again.
///
/// What it is where nobody gives it is the property's own standard value.
public struct AttributionOption<Owner: AttributionMethod>: Sendable {
  /// A property of the method.
  public typealias Path<Value> = any WritableKeyPath<Owner, Value> & Sendable

  /// The name.
  public let name: String
  /// What it is.
  public let summary: String
  /// What values it takes, to follow "expected".
  public let expectation: String

  /// Sets the property by a text, unless the text is not a value of it.
  let read: @Sendable (String, inout Owner) -> Bool
  /// The property as text.
  let text: @Sendable (Owner) -> String

  private init<Value: Sendable>(
    _ name: String, _ path: Path<Value>, _ summary: String, expecting expectation: String,
    parse: @escaping @Sendable (String) -> Value?, text: @escaping @Sendable (Value) -> String
  ) {
    (self.name, self.summary, self.expectation) = (name, summary, expectation)
    read = { words, owner in
      guard let value = parse(words) else { return false }
      owner[keyPath: path] = value
      return true
    }
    self.text = { text($0[keyPath: path]) }
  }

  /// An integer in a range.
  static func integer(
    _ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ summary: String
  ) -> Self {
    Self(
      name, path, summary,
      expecting: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      parse: { Int($0).flatMap { range ~= $0 ? $0 : nil } }, text: { "\($0)" })
  }

  /// A number in a range.
  static func number(
    _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>, _ summary: String
  ) -> Self {
    Self(
      name, path, summary, expecting: "a number from \(range.lowerBound) to \(range.upperBound)",
      parse: { Double($0).flatMap { range ~= $0 ? $0 : nil } }, text: { "\($0)" })
  }

  /// One of some words.
  static func choice<Word: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Word>, _ summary: String
  ) -> Self {
    Self(
      name, path, summary,
      expecting: Word.allCases.map(\.rawValue).joined(separator: " or "),
      parse: { Word(rawValue: $0) }, text: { $0.rawValue })
  }

  /// What stands for "nothing".
  static func baseline(_ path: Path<Baseline>) -> Self {
    Self(
      "baseline", path, "what stands for nothing", expecting: Baseline.expectation,
      parse: { Baseline($0) }, text: { $0.words })
  }

  /// A text that is looked at later.
  static func text(
    _ name: String, _ path: Path<String>, _ summary: String, expecting expectation: String
  ) -> Self {
    Self(
      name, path, summary, expecting: expectation, parse: { $0.isEmpty ? nil : $0 },
      text: { $0 })
  }
}
