import Datasets
import Engine
import Files
import Models
import Reports
import Settings
import Smoothing
import Tensors

/// The certificates of a smoothed classifier, ready to be computed.
public final class SmoothingStudy: Sendable {
  /// What was asked for.
  public let specification: SmoothingSpecification
  private let subject: Subject
  private let data: Dataset
  private let answers: KeptAnswers
  private let classifier: SmoothedClassifier
  private let radii: [Double]
  private let command: [String]

  /// Reads model and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - result: A file beside which the answers of a remote model are kept until the end, where no file for them was
  ///     named.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: SmoothingSpecification, command: [String] = [],
    keepingAnswersBeside result: String? = nil, telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    let asked = specification
    try asked.check()
    radii = try asked.chosenRadii()
    let source = try ModelSource(asked.model, asked.modelSettings, telling: observer) {
      try asked.data.exampleShape()
    }
    try asked.remote.check(for: [source])
    try asked.engine.check(isUsed: !source.isRemote, by: asked.model)
    data = try asked.data.load(for: try source.form(asked.modelSettings), telling: observer)
    answers = try KeptAnswers(of: [source], asked.remote, beside: [result])
    subject = try source.subject(
      for: data, asked.modelSettings, answers.settings[0], batch: asked.batch, telling: observer)
    try data.checkClasses(missedBy: subject, for: "a smoothed classifier")
    var classifier = SmoothedClassifier(
      try subject.model(try asked.engine.apply()), noise: try asked.noise())
    (classifier.alpha, classifier.seed) = (asked.alpha, asked.seed)
    classifier.batch = asked.batch
    self.classifier = classifier
    let needed = asked.anytime ? nil : classifier.largestRadius(draws: asked.draws)
    if let needed, let radius = radii.last, needed < radius {
      observer.warn(
        "no example can be certified within \(radius.plain) by \(asked.draws) draws, only within \(Format.fixed(needed, decimals: 3)); raise \(Setting.draws) or the noise"
      )
    }
  }

  /// Computes the certificates, example by example.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What the model throws; `StudyInterrupted` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> SmoothingResult {
    observer.keep { [answers] in answers.keep().map { "interrupted; \($0)" } ?? "interrupted" }
    defer { observer.keep(nil) }
    let start = ContinuousClock.now
    let examples = try await answers.during {
      try await self.subject.attended { try await self.certify(observer) }
    }
    return SmoothingResult(
      specification: specification, command: command, noise: classifier.noise, radii: radii,
      examples: examples, modelName: subject.name, dataName: data.name,
      dataDigest: try Digests.data(data), modelDigest: subject.fileDigest,
      computation: classifier.model.computation,
      seconds: (ContinuousClock.now - start).seconds)
  }

  private func certify(_ observer: Observer) async throws -> [SmoothingResult.Example] {
    let stage = observer.begin("certify", of: data.count, "examples")
    defer { stage.finish() }
    var examples: [SmoothingResult.Example] = []
    for position in 0..<data.count {
      try Task.checkCancellation()
      let (index, label) = (data.index(at: position), data.label(at: position))
      let input = try data.inputs(at: [position]).row(0)
      examples.append(
        specification.anytime
          ? try await decided(input, index: index, label: label)
          : try await bounded(input, index: index, label: label))
      stage.show(position + 1)
    }
    return examples
  }

  /// One bound by all draws.
  private func bounded(
    _ input: Tensor<Float>, index: Int, label: Int
  ) async throws -> SmoothingResult.Example {
    let found = try await classifier.certify(
      input, selection: specification.selection, estimation: specification.draws, index: index)
    return SmoothingResult.Example(
      index: index, label: label, prediction: found.label, radius: found.radius, draws: found.draws)
  }

  /// The radii from the smallest on, until one is not certified.
  private func decided(
    _ input: Tensor<Float>, index: Int, label: Int
  ) async throws -> SmoothingResult.Example {
    let found = try await classifier.decide(
      input, radii: radii, selection: specification.selection, limit: specification.draws,
      index: index)
    return SmoothingResult.Example(
      index: index, label: label, prediction: found.label, radius: found.radius, draws: found.draws)
  }
}
