package import Insight
import JSON

/// What can be seen of a network's decisions on some pictures.
public struct ExplainResult: Sendable {
  /// What was asked for.
  public let specification: ExplainSpecification
  /// The words of the command that asked for it; empty if none did.
  package let command: [String]
  /// The names of the classes, without the synonyms that ImageNet's have.
  package let classNames: [String]
  /// What was seen, picture by picture.
  public let examples: [Example]
  /// The time of all parts.
  public let seconds: Double

  /// What was seen of one picture; parts that were not asked for are `nil`.
  public struct Example: Sendable {
    /// The photograph's path, or the data's name and the example's number.
    public let name: String
    /// What the network makes of it.
    package let ranking: Ranking
    /// Where the network looks.
    public internal(set) var attribution: AttributionResult?
    /// The least change, beside others of its length.
    public internal(set) var change: ImperceptibleResult?
    /// What must change for another class.
    public internal(set) var morph: MorphResult?

    init(name: String, ranking: Ranking) { (self.name, self.ranking) = (name, ranking) }
  }
}

extension ExplainResult: Encodable {
  /// The record: those of all parts, picture by picture.
  public var record: StudyRecord {
    StudyRecord(
      "explain", specification,
      [
        "command": ShellWords.json(command), "model": JSONValue(specification.model),
        "count": JSONValue(examples.count), "seed": JSONValue(specification.seed),
        "pictures": .array(examples.map(json)), "seconds": JSONValue(seconds),
      ])
  }

  private func json(_ example: Example) -> JSONValue {
    [
      "name": JSONValue(example.name), "classes": example.ranking.json(classNames, top: 5),
      "attribution": JSONValue(example.attribution?.record.json),
      "change": JSONValue(example.change?.record.json),
      "morph": JSONValue(example.morph?.record.json),
    ]
  }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}
