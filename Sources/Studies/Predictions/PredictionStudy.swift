import Settings
import Models
package import Datasets
package import JSON

/// All that is asked of a model's outputs for examples.
public struct PredictionSpecification: Sendable, Hashable, Codable {
  /// A built-in network, a file, or a model elsewhere.
  public var model: String
  /// What the model's file does not say of itself.
  public var modelSettings = ModelSettings()
  /// The examples.
  public var data = DataSettings()
  /// Whether the gradient of the cross-entropy with respect to the examples is wanted, too.
  public var gradient = false
  /// How many examples the network sees at once; results do not depend on it.
  public var batch = 128
  /// How networks are computed.
  public var engine = EngineSettings()
  /// How a model elsewhere is asked.
  public var remote = RemoteSettings()

  /// The outputs for the whole test set of MNIST, unless something else is said.
  public init(model: String) { self.model = model }
}

/// A model's outputs for examples, ready to be computed.
public final class PredictionStudy: Sendable {
  /// What was asked for.
  public let specification: PredictionSpecification
  /// The model.
  package let subject: Subject
  /// The examples.
  package let data: Dataset
  /// Where the answers of a model elsewhere are kept.
  package let answers: KeptAnswers
  private let model: any BatchedModel

  /// Reads model and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - result: A file beside which the answers of a model elsewhere are kept until the end, where no file for them was
  ///     named.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: PredictionSpecification, keepingAnswersBeside result: String? = nil,
    telling observer: Observer = .none
  ) throws {
    self.specification = specification
    let asked = specification
    try asked.checkSettings(mostRows: 4096)
    let source = try ModelSource(asked.model, asked.modelSettings, telling: observer) {
      try asked.data.exampleShape()
    }
    if asked.gradient, source.isElsewhere {
      throw StudyError(
        "\(Setting.gradient): \(asked.model) reveals no gradients; expected a network that runs here"
      )
    }
    try asked.remote.check(for: [source])
    try asked.engine.check(isUsed: !source.isElsewhere, by: asked.model)
    data = try asked.data.load(
      for: try source.form(asked.modelSettings), needsLabels: asked.gradient, telling: observer)
    answers = try KeptAnswers(of: [source], asked.remote, beside: [result])
    subject = try source.subject(
      for: data, asked.modelSettings, answers.settings[0], batch: asked.batch, telling: observer)
    try data.check(fits: subject)
    if let warning = data.labelWarning(for: subject) { observer.warn(warning) }
    model = try subject.model(try asked.engine.apply())
  }

  /// Computes the outputs.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: The outputs.
  /// - Throws: What the model throws; `StudyInterrupted` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> Prediction {
    observer.keep { [answers] in answers.keep().map { "interrupted; \($0)" } ?? "interrupted" }
    defer { observer.keep(nil) }
    let (subject, data, model) = (subject, data, model)
    let request = Prediction.Request(
      data: data, batch: specification.batch, includesGradient: specification.gradient)
    return try await answers.during {
      try await subject.attended {
        let report = try await Checkup.perform(subject, model, on: data, isAttacked: false)
        Checkup.warn(report, telling: observer)
        var prediction = try await Prediction.perform(request, on: model, telling: observer)
        prediction.findings = report?.findings
        return prediction
      }
    }
  }

  /// The record of a prediction.
  ///
  /// - Parameters:
  ///   - prediction: What came of the study.
  ///   - path: The file of the outputs.
  ///   - command: The words of the command that asked for it; empty if none did.
  /// - Returns: The object that is written.
  package func json(
    _ prediction: Prediction, writtenTo path: String, command: [String]
  ) -> JSONValue {
    [
      "verb": "predict", "version": JSONValue(Version.text), "model": JSONValue(subject.name),
      "command": ShellWords.json(command),
      "model_digest": JSONValue(subject.fileDigest.map { JSONValue($0) }),
      "data": JSONValue(data.name), "count": JSONValue(data.count),
      "clean_accuracy": JSONValue(prediction.accuracy.map { JSONValue($0) }),
      "output": JSONValue(path), "seconds": JSONValue(prediction.seconds),
      "warnings": Checkup.json(prediction.findings),
      "engine": EngineRecord.json(prediction.algorithms),
    ]
  }
}
