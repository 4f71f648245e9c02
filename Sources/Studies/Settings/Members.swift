import Files
import Settings

/// The members of a coded object, of which those that are left out have their standard values, and other names than those of
/// the keys are errors.
struct Members<Key: CodingKey & CaseIterable> {
  /// Any name of a member.
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  private let container: KeyedDecodingContainer<Key>

  /// Looks at the names of an object's members; null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names the member that there is not, and the nearest there is.
  init(of decoder: any Decoder, by keys: Key.Type = Key.self) throws {
    let names = try decoder.container(keyedBy: Name.self)
    container = try decoder.container(keyedBy: Key.self)
    for name in names.allKeys.map(\.stringValue).sorted() where Key(stringValue: name) == nil {
      if try names.decodeNil(forKey: Name(stringValue: name)) { continue }
      let place = container.codingPath.map { $0.stringValue + "." }.joined()
      let known = Key.allCases.map(\.stringValue)
      let meant = OtherNames.meaning(of: name, among: known)?.name ?? name
      let near = meant.suggestion(among: known, prefix: place)
      throw StudyError("a specification: there is no '\(place)\(name)'\(near)")
    }
  }

  /// Reads a member, if it is there.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names the number that does not fit.
  func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
    guard container.contains(key), try !container.decodeNil(forKey: key) else { return }
    do {
      value = try container.decode(Value.self, forKey: key)
    } catch  where !(error is StudyError || error is DecodingError) {
      // Foundation's decoder has an error of its own for numbers, which does not say which one it was.
      throw StudyError("a specification: \(place(of: key)): the number is out of its range")
    }
  }

  /// Reads a text that must be said.
  ///
  /// - Throws: What the decoder throws; `StudyError` where it is left out or empty.
  func text(_ key: Key) throws -> String {
    var text = ""
    try read(key, into: &text)
    guard !text.isEmpty else { throw StudyError("a specification: expected '\(place(of: key))'") }
    return text
  }

  private func place(of key: Key) -> String {
    (container.codingPath + [key]).map(\.stringValue).joined(separator: ".")
  }
}
