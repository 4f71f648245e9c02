import Datasets
import Diagnosis
import Engine
import Insight
import Models
package import Networks
import Settings
import Tensors

/// Where a model looks, ready to be asked.
public final class AttributionStudy: Sendable {
  /// What was asked for.
  public let specification: AttributionSpecification
  /// The model.
  package let subject: Subject
  /// Where the answers of a remote model are kept.
  package let answers: KeptAnswers
  private let examples: [AttributionResult.Example]
  private let data: Dataset
  private let label: Int?
  private let command: [String]

  /// Reads model and examples.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - result: A file beside which the answers of a remote model are kept until the end, where no file for them was
  ///     named.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: AttributionSpecification, command: [String] = [],
    keepingAnswersBeside result: String? = nil, telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    let asked = specification
    try asked.check()
    var source = try ModelSource(asked.model, asked.modelSettings, telling: observer) {
      try asked.photos.first.map { try Photograph.shape(of: $0, asked.data.form) }
        ?? asked.data.exampleShape()
    }
    if !asked.photos.isEmpty { source = try source.takingPictures(telling: observer) }
    try asked.remote.check(for: [source])
    try asked.engine.check(isUsed: !source.isRemote, by: asked.model)
    let form = try source.form(asked.modelSettings)
    let read = try asked.examples(for: form, observer)
    answers = try KeptAnswers(of: [source], asked.remote, beside: [result])
    let subject = try source.subject(
      for: read.data, asked.modelSettings, answers.settings[0], batch: asked.batch,
      telling: observer)
    self.subject = subject
    data = read.data
    examples = read.examples
    for example in examples where example.input.shape != subject.input.shape {
      throw StudyError(
        "\(example.name): is \(example.input.shape), but \(subject.name) takes \(subject.input.shape)"
          + (asked.photos.isEmpty ? data.remedy(for: subject.input.shape) : ""))
    }
    label = try asked.label.map { words in
      let number = try ClassName.number(words, .class, subject, read.data)
      let classes = max(2, subject.outputCount)
      guard 0..<classes ~= number else {
        throw StudyError("\(Setting.class) is \(number); expected 0 to \(classes - 1)")
      }
      return number
    }
  }

  /// Asks where the model looks.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What the model and the methods throw; `StudyInterrupted` where the task is cancelled.
  public func run(telling observer: Observer = .none) async throws -> AttributionResult {
    observer.keep { [answers] in answers.keep().map { "interrupted; \($0)" } ?? "interrupted" }
    defer { observer.keep(nil) }
    let policy = try specification.engine.apply()
    return try await answers.during { [subject] in
      try await subject.attended { try await ask(policy, observer) }
    }
  }

  /// What the model makes of the first example.
  ///
  /// - Throws: What the model throws.
  func seen() async throws -> (name: String, ranking: Ranking) {
    let model = try subject.model(try specification.engine.apply())
    return (examples[0].name, try await model.ranking(of: examples[0].input))
  }

  private func ask(
    _ policy: Algorithms.Policy, _ observer: Observer
  ) async throws -> AttributionResult {
    let model = try subject.model(policy)
    let inputs = examples.map(\.input)
    let report = try await DiagnosisStep.perform(subject, model, on: inputs)
    DiagnosisStep.warn(report, telling: observer)
    var told = examples
    for place in told.indices {
      let ranking = try await model.ranking(of: told[place].input)
      guard let seen = ranking.label else {
        throw StudyError("\(told[place].name): \(subject.name) gives scores that are not numbers")
      }
      told[place].ranking = ranking
      told[place].explained = label ?? seen
    }
    var request = try AttributionRequest(
      model, network: subject.network, inputs: .stacking(inputs), classes: told.map(\.explained))
    request.bounds = data.bounds
    request.seed = specification.seed
    request.batch = specification.batch
    request.score = try specification.classScore
    let (methods, areAll) = try specification.parsedMethods()
    var results: [(method: any AttributionMethod, result: AttributionResult.Method)] = []
    for method in methods {
      do {
        results.append((method, try await apply(method, request, observer)))
      } catch let error as AttributionError where areAll || specification.skipsWhatDoesNotFit {
        observer.note("\(type(of: method).name) is left out: \(error)")
      }
    }
    if specification.checks { try await check(&results, request, observer) }
    return AttributionResult(
      specification: specification, command: command, subject: subject, dataName: data.name,
      bounds: data.bounds, columns: data.columns?.names, examples: told,
      methods: results.map(\.result),
      findings: report?.findings, computation: model.computation)
  }

  /// One method on all examples.
  private func apply(
    _ method: any AttributionMethod, _ request: AttributionRequest, _ observer: Observer
  ) async throws -> AttributionResult.Method {
    let name = type(of: method).name
    let line = observer.begin(name, of: request.classes.count, "examples")
    defer { line.finish() }
    var request = request
    request.progress = { line.show($0) }
    let start = ContinuousClock.now
    let attributions = try await method.attributions(for: request)
    return AttributionResult.Method(
      name: name, attributions: attributions, seconds: (ContinuousClock.now - start).seconds)
  }

  /// Puts the maps to the test.
  private func check(
    _ results: inout [(method: any AttributionMethod, result: AttributionResult.Method)],
    _ request: AttributionRequest, _ observer: Observer
  ) async throws {
    let parts = results.count + request.classes.count
    let line = observer.begin("checks", of: parts, "parts")
    defer { line.finish() }
    for (place, (method, result)) in results.enumerated() where request.network != nil {
      results[place].result.randomizations = try await WeightRandomization.measure(
        result.attributions, by: method, request)
      line.show(place + 1)
    }
    for example in request.classes.indices {
      let removals = try await PixelRemoval.measure(
        results.map { $0.result.attributions[example] }, request.only(example))
      for (place, removal) in removals.enumerated() {
        results[place].result.removals.append(removal)
      }
      line.show(results.count + example + 1)
    }
  }
}

extension AttributionSpecification {
  /// The examples, and a data set that knows their classes.
  fileprivate func examples(
    for form: InputForm, _ observer: Observer
  ) throws -> (examples: [AttributionResult.Example], data: Dataset) {
    guard photos.isEmpty else {
      let resize = try data.form.options(for: nil).resize
      let read = try photos.map { path in
        let photograph = try Photograph(path: path, for: form, resize: resize)
        if let remark = photograph.remark { observer.note(remark) }
        return photograph
      }
      return (
        try read.map { AttributionResult.Example(name: $0.path, input: try $0.input) },
        read[0].data(label: 0, classNames: form.classNames.isEmpty ? ["unknown"] : form.classNames)
      )
    }
    var all = data
    (all.count, all.offset) = (nil, 0)
    let loaded = try all.load(for: form, needsLabels: false, telling: observer)
    if let beyond = index.first(where: { $0 >= loaded.count }) {
      throw StudyError(
        "\(Setting.index) is \(beyond), but \(data.data) has \(loaded.count) examples")
    }
    let isLabelled = loaded.isLabelled && loaded.targetKind == .classes
    return (
      try index.map { position in
        AttributionResult.Example(
          name: "\(loaded.name), example \(position)", index: position,
          label: isLabelled ? loaded.label(at: position) : nil,
          input: try loaded.image(at: position))
      }, loaded
    )
  }
}

extension Subject {
  /// The network, if it runs here.
  package var network: Network? { if case .here(let network, _) = place { network } else { nil } }
}
