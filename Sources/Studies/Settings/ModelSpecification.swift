import Remote
import Settings
/// A specification of what is done with a model and examples.
public protocol ModelSpecification: Specification {
  /// A built-in network, a file, or a model elsewhere.
  var model: String { get set }
  /// What the model's file does not say of itself.
  var modelSettings: ModelSettings { get set }
  /// The examples.
  var data: DataSettings { get set }
  /// How many examples the model sees at once; results do not depend on it.
  var batch: Int { get set }
  /// How networks are computed.
  var engine: EngineSettings { get set }
  /// How a model elsewhere is asked.
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

extension AttackSpecification: ModelSpecification {
  /// The specification with everything left as it is.
  public static var template: AttackSpecification { AttackSpecification(model: "", threat: "") }
}

extension EvaluationSpecification: ModelSpecification {
  /// The specification with everything left as it is.
  public static var template: EvaluationSpecification {
    EvaluationSpecification(model: "", threat: "")
  }

  /// The same for others to read.
  public var withoutSecrets: EvaluationSpecification {
    var copy = hidingSecrets
    copy.model2 = model2.map { Address.hidden(in: $0) }
    return copy
  }
}

extension PredictionSpecification: ModelSpecification {
  /// The specification with everything left as it is.
  public static var template: PredictionSpecification { PredictionSpecification(model: "") }
}

extension TrainingSpecification: Specification {
  /// The specification with everything left as it is.
  public static var template: TrainingSpecification {
    TrainingSpecification(architecture: "", output: "")
  }

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
