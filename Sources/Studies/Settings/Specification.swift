import Foundation
public import JSON
import Remote
import Settings

/// All that is asked of a study, as a value that can be written down, read again and run elsewhere.
public protocol Specification: Sendable, Hashable, Codable {
  /// The same for others to read: without what headers say and without what is secret in addresses.
  var withoutSecrets: Self { get }
}

extension Specification {
  /// The specification as an object; what is not said is left out.
  public var json: JSONValue {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let bytes = try? encoder.encode(self), let json = try? JSONValue(parsing: Array(bytes))
    else { preconditionFailure("words and numbers can be written") }
    return json
  }

  /// Reads a specification; members that are left out have their standard values.
  ///
  /// - Parameter json: An object, as `json` gives it.
  /// - Throws: `StudyError` that names the member that is unknown, missing or of the wrong kind.
  public init(json: JSONValue) throws {
    guard case .object = json else { throw StudyError("a specification: expected an object") }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      self = try decoder.decode(Self.self, from: Data(json.bytes(.compact)))
    } catch let error as DecodingError {
      throw StudyError("a specification: \(error.place)")
    }
  }
}

extension DecodingError {
  /// Where something is wrong, and what was expected there.
  fileprivate var place: String {
    func path(_ context: Context) -> String {
      context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    return switch self {
    case .keyNotFound(let key, _): "expected '\(key.stringValue)'"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      "\(path(context)): expected \(type is [String: Any].Type ? "an object" : "\(type)")"
    case .dataCorrupted(let context): "\(path(context)): \(context.debugDescription)"
    @unknown default: "\(self)"
    }
  }
}

/// A specification of what is done with a model and examples.
public protocol ModelSpecification: Specification {
  /// A built-in network, a file, or a remote model.
  var model: String { get set }
  /// What the model's file does not say of itself.
  var modelSettings: ModelSettings { get set }
  /// The examples.
  var data: DataSettings { get set }
  /// How many examples the model sees at once; results do not depend on it.
  var batch: Int { get set }
  /// How networks are computed.
  var engine: EngineSettings { get set }
  /// How a remote model is asked.
  var remote: RemoteSettings { get set }
}

extension ModelSpecification {
  /// The same for others to read.
  public var withoutSecrets: Self { hidingSecrets }

  /// The same without what is secret in the model's address and in headers.
  var hidingSecrets: Self {
    var copy = self
    copy.model = Address.hidden(in: model)
    copy.remote.header = remote.header.map { $0.prefix { $0 != ":" } + ": ..." }
    return copy
  }

  /// Makes sure that the settings are right, each by itself.
  ///
  /// - Parameter mostRows: The most examples that may be run at once.
  /// - Throws: `StudyError` that names the setting.
  func checkSettings(mostRows: Int = 1_000_000) throws {
    try modelSettings.check()
    try data.check()
    try remote.check()
    try engine.check()
    try StudyError.check(batch: batch, most: mostRows)
  }
}

extension AttackSpecification: ModelSpecification {}

extension EvaluationSpecification: ModelSpecification {
  /// The same for others to read.
  public var withoutSecrets: EvaluationSpecification {
    var copy = hidingSecrets
    copy.model2 = model2.map { Address.hidden(in: $0) }
    return copy
  }
}

extension PredictionSpecification: ModelSpecification {}

extension TrainingSpecification: Specification {
  /// The same, for it holds no secrets.
  public var withoutSecrets: TrainingSpecification { self }
}

extension StudyError {
  /// Makes sure that a number of rows can be run at once.
  package static func check(batch: Int, most: Int = 1_000_000) throws {
    guard 1...most ~= batch else {
      throw StudyError("\(Setting.batch) is \(batch); expected 1 to \(most)")
    }
  }
}

/// Something that a study cannot work with, in one line that says what was given and what was expected.
public struct StudyError: Error, CustomStringConvertible {
  /// The line.
  public let description: String

  /// An error with its line.
  public init(_ description: String) { self.description = description }
}

/// The end of a study before its time, with what is kept of it.
public struct StudyInterrupted: Error, CustomStringConvertible {
  /// What happened, what is kept where, and how to go on.
  public let description: String

  /// An end with what is said of it.
  public init(description: String) { self.description = description }
}
