import Remote
import Settings

/// All that is asked of a comparison of adversarial changes with others of the same length.
public struct ImperceptibleSpecification: Sendable, Hashable, Codable {
  /// The model, the examples or a photograph, the threat and the attack.
  public var attack: AttackSpecification
  /// The index of one example that is looked at alone; all that `attack` names by default.
  public var index: Int?

  /// A comparison on what an attack does.
  public init(_ attack: AttackSpecification) { self.attack = attack }

  /// The attack on the examples that are looked at.
  ///
  /// - Throws: `StudyError` that names what excludes each other.
  package func request() throws -> AttackSpecification {
    var asked = attack
    guard let index else { return asked }
    guard asked.photo == nil else {
      throw StudyError(
        "\(Setting.index) and \(Setting.image) exclude each other; expected one of them")
    }
    guard asked.data.count == nil, asked.data.offset == 0 else {
      throw StudyError(
        "\(Setting.index) names one example; expected it without \(Setting.count) and \(Setting.offset)"
      )
    }
    guard index >= 0 else { throw StudyError("\(Setting.index) is \(index); expected 0 or more") }
    asked.data.offset = index
    asked.data.count = 1
    return asked
  }
}

extension ImperceptibleSpecification: Specification {
  /// The same for others to read.
  public var withoutSecrets: ImperceptibleSpecification {
    var copy = self
    copy.attack = attack.withoutSecrets
    return copy
  }

  private enum CodingKeys: String, CodingKey, CaseIterable { case attack, index }

  /// Reads a specification; what is left out has its standard value, and null counts as left out.
  ///
  /// - Throws: What the decoder throws; `StudyError` that names a member that there is not, or the one that is missing.
  public init(from decoder: any Decoder) throws {
    let members = try Members(of: decoder, by: CodingKeys.self)
    var attack: AttackSpecification?
    try members.read(.attack, into: &attack)
    guard let attack else { throw StudyError("a specification: expected 'attack'") }
    self.init(attack)
    try members.read(.index, into: &index)
  }
}
