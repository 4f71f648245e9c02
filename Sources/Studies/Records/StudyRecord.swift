import Archives
import Files
public import JSON

/// What came of a study, as it is kept in files and told to other programs: one schema, which is written and read here.
///
/// Numbers are those of the run, to the last bit; arrays such as adversarial examples have files of their own, whose
/// digests are in the record.
public struct StudyRecord: Sendable, Hashable {
  /// The schema that is written, which grows where a member is added, removed or means something else.
  public static let currentSchema = 1

  /// The record as an object.
  public let json: JSONValue

  /// What was done: `attack`, `evaluate`, `predict`, `train` and others.
  public var verb: String { json["verb"]?.stringValue ?? "" }
  /// The schema of the record; 0 for records of versions that had none.
  public var schema: Int { json["schema"]?.intValue ?? 0 }
  /// What the model is called.
  public var model: String { json["model"]?.stringValue ?? "" }
  /// What the data are called; `nil` where there were none.
  public var data: String? { json["data"]?.stringValue }
  /// The number of examples.
  public var count: Int? { json["count"]?.intValue }
  /// The share of examples that are right as they are; `nil` where that was not asked or is not known.
  public var cleanAccuracy: Double? { json["clean_accuracy"]?.doubleValue }
  /// The share of examples that are right and were not broken; `nil` where that was not asked or is not known.
  public var robustAccuracy: Double? { json["robust_accuracy"]?.doubleValue }
  /// The single examples, where there was an attack.
  public var examples: [JSONValue] { json["examples"]?.arrayValue ?? [] }

  init(_ json: JSONValue) { self.json = json }

  /// Creates the record of what was done.
  ///
  /// - Parameters:
  ///   - verb: What was done.
  ///   - specification: What was asked for, which is told without its secrets; `nil` where it cannot be done again.
  ///   - members: What came of it.
  package init(
    _ verb: String, _ specification: (any Specification)? = nil,
    _ members: KeyValuePairs<String, JSONValue>
  ) {
    var object: JSONObject = [
      "verb": JSONValue(verb), "version": JSONValue(Version.text),
      "schema": JSONValue(StudyRecord.currentSchema),
    ]
    if let specification { object["specification"] = specification.withoutSecrets.json }
    for (name, value) in members { object[name] = value }
    json = .object(object)
  }

  /// Reads a record, also one of an earlier version.
  ///
  /// - Parameter path: A file of JSON, which may be gzipped.
  /// - Throws: `StudyError` or an error of the file that names it.
  public init(path: String) throws { self.init(try StudyRecord.object(path: path)) }

  /// Reads an object that is a record, or part of one.
  static func object(path: String) throws -> JSONValue {
    do {
      return try known(try JSONValue(parsing: FileContents(inflating: path).bytes), in: path)
    } catch let error as JSONError {
      throw StudyError("\(path): \(error)")
    }
  }

  /// Makes sure that an object has no later schema than is read here.
  private static func known(_ json: JSONValue, in source: String) throws -> JSONValue {
    if let schema = json["schema"]?.intValue, schema > currentSchema {
      throw StudyError(
        "\(source): is a record of schema \(schema), from a later version of Gibbon; expected schema \(currentSchema)"
          + " at most")
    }
    return json
  }

  /// The specification of what was done, to be done again; of a record with a schema.
  ///
  /// - Throws: `StudyError` where there is none of this kind.
  public func specification<Kind: Specification>(as kind: Kind.Type = Kind.self) throws -> Kind {
    guard let json = json["specification"], json != .null else {
      throw StudyError(
        "a record of '\(verb)': holds no specification; it was written by an earlier version")
    }
    return try Kind(json: json)
  }

  /// The record as text, with a line feed at its end.
  public var text: String { json.text(.pretty) + "\n" }

  /// Writes the record, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func write(to path: String) throws { try AtomicFile.write(text, to: path) }
}

extension StudyRecord: Codable {
  /// Reads a record, also one that was written to a file.
  ///
  /// - Throws: What the decoder throws; `StudyError` for a record of a later version.
  public init(from decoder: any Decoder) throws {
    self.init(try StudyRecord.known(try JSONValue(from: decoder), in: "a record"))
  }

  /// Writes the object.
  public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

// A run holds its model and its data; what is written of it is its record.

extension AttackRun: Encodable {
  /// The record of the run.
  public var record: StudyRecord { StudyRecord(json) }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}

extension EvaluationResult: Encodable {
  /// The record of the evaluation, with that of the second model and the comparison where there are two.
  public var record: StudyRecord { StudyRecord(first.json(pair)) }

  /// Writes the record, which is read again as a `StudyRecord`.
  public func encode(to encoder: any Encoder) throws { try record.encode(to: encoder) }
}

/// Commands as they are typed.
package enum ShellWords {
  /// The words on one line, quoted where a shell would otherwise take them apart.
  package static func line(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }

  /// The words on lines of at most 72 characters where possible, broken before options.
  package static func lines(_ words: [String]) -> String {
    var lines: [String] = []
    var current = ""
    var rest = words[...]
    while let word = rest.popFirst() {
      var group = quoted(word)
      // An option stays with its value.
      if word.hasPrefix("--"), let value = rest.first, !value.hasPrefix("--") {
        group += " " + quoted(value)
        rest.removeFirst()
      }
      if current.isEmpty {
        current = group
      } else if current.count + group.count < 70 {
        current += " " + group
      } else {
        lines.append(current + " \\")
        current = "  " + group
      }
    }
    return (lines + [current]).joined(separator: "\n")
  }

  /// A command as records have it; null if there is none.
  package static func json(_ words: [String]) -> JSONValue {
    words.isEmpty ? .null : JSONValue(line(words))
  }

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.unicodeScalars.allSatisfy { scalar in
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || "-_./:,=@%+".unicodeScalars.contains(scalar)
      }
    return isPlain
      ? word
      : "'"
        + word.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
  }
}

/// Which Gibbon this is.
public enum Version {
  /// The version, as records name it.
  public static let text = "0.1.0"
}
