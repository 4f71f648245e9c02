import Attacks
import Datasets
import Engine
import Images
import Insight
import Models
package import Networks
import Reports
import Robustness
import Settings
import Tensors

/// What must change in one input so that each of several networks sees something else, ready to be searched.
public final class MorphStudy: Sendable {
  /// What was asked for.
  public let specification: MorphSpecification
  /// The networks.
  let subjects: [Subject]
  /// The example.
  let data: Dataset
  /// Other examples, of which those of the classes are where searches may begin.
  private let others: Dataset?
  /// The classes to be seen; `nil` for all that a network does not see already.
  let target: Int?
  private let policy: Algorithms.Policy
  private let command: [String]

  /// The most examples among which beginnings are looked for.
  private static let mostOthers = 1000

  /// Reads models and input.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public convenience init(
    _ specification: MorphSpecification, command: [String] = [], telling observer: Observer = .none
  ) throws {
    try self.init(specification, after: [], command: command, telling: observer)
  }

  /// Reads models and input, for networks that are at hand and stand before those of the specification.
  ///
  /// - Parameters:
  ///   - specification: What is asked for; it may name no models where there are networks.
  ///   - networks: Networks with what they are called.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  package init(
    _ specification: MorphSpecification, after networks: [(name: String, network: Network)],
    command: [String] = [], telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    let asked = specification
    try asked.check(beside: networks.count)
    let sources = try asked.models.enumerated().map { place, name in
      try ModelSource(
        name, asked.modelSettings, isOther: place + networks.count > 0, telling: observer
      ) {
        try asked.photo.map { try Photograph.shape(of: $0, asked.data.form) }
          ?? asked.data.exampleShape()
      }.takingPictures(telling: observer)
    }
    try asked.engine.check(isUsed: true, by: asked.models.first ?? networks[0].name)
    let form =
      try networks.first.map { InputForm($0.network) } ?? sources[0].form(asked.modelSettings)
    if let photo = asked.photo {
      let resize = try asked.data.form.options(for: nil).resize
      let photograph = try Photograph(path: photo, for: form, resize: resize)
      if let remark = photograph.remark { observer.note(remark) }
      data = photograph.data(label: 0, classNames: ["unknown"])
      others = nil
    } else {
      var settings = asked.data
      (settings.offset, settings.count) = (0, nil)
      let all = try settings.load(for: form, needsLabels: false, telling: observer)
      guard asked.data.offset < all.count else {
        throw StudyError(
          "\(Setting.index) is \(asked.data.offset), but \(all.name) has \(all.count) examples")
      }
      data = all.subset(offset: asked.data.offset, count: 1)
      others =
        all.targetKind == .classes && all.isLabelled
        ? all.subset(offset: 0, count: min(all.count, MorphStudy.mostOthers)) : nil
    }
    let data = data
    subjects =
      networks.map { Subject($0.name, $0.network) }
      + (try sources.map {
        try $0.subject(
          for: data, asked.modelSettings, RemoteSettings(), batch: asked.batch, telling: observer)
      })
    for subject in subjects {
      guard subject.input.shape == data.exampleShape else {
        throw StudyError(
          "\(subject.name) takes \(subject.input.shape), but the input has the shape \(data.exampleShape); expected"
            + " networks that take the same input")
      }
      guard subject.outputCount > 1 else {
        throw StudyError("\(subject.name) has a single output; expected an output for each class")
      }
    }
    for other in subjects.dropFirst() where other.outputCount != subjects[0].outputCount {
      throw StudyError(
        "\(other.name) has \(other.outputCount) outputs, but \(subjects[0].name) has \(subjects[0].outputCount); expected"
          + " networks of the same classes")
    }
    guard Bitmap(try data.image(at: 0), bounds: data.bounds) != nil else {
      throw StudyError("the input has the shape \(data.exampleShape); expected a picture")
    }
    let subject = subjects[0]
    if asked.target == "all" {
      guard subject.outputCount <= MorphSpecification.mostTargets else {
        throw StudyError(
          "\(Setting.to) is all, but \(subject.name) has \(subject.outputCount) classes; expected a class, or at most"
            + " \(MorphSpecification.mostTargets) of them")
      }
      target = nil
    } else {
      let number = try ClassName.number(asked.target, .to, subject, data)
      guard 0..<subject.outputCount ~= number else {
        throw StudyError(
          "\(Setting.to) is \(number); expected 0 to \(subject.outputCount - 1), or all")
      }
      target = number
    }
    policy = try asked.engine.apply()
  }

  /// Searches the changes, network by network: the least ones of all first, since the budget of the large ones may
  /// follow from these.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What the models and the attacks throw; `CancellationError`.
  public func run(telling observer: Observer = .none) async throws -> MorphResult {
    let start = ContinuousClock.now
    let example = try data.example(at: 0)
    let others = try others?.examples ?? []
    var searches: [MorphSearch] = []
    for subject in subjects {
      let model = try subject.model(policy)
      let report = try await DiagnosisStep.perform(subject, model, on: [example.input])
      DiagnosisStep.warn(report, telling: observer)
      var search = try await MorphSearch(
        subject, model, example, data, target: target, specification, findings: report?.findings)
      try await search.findLeast(others, telling: observer)
      searches.append(search)
    }
    let budgets = MorphSearch.budgets(after: searches, data.bounds)
      .mapValues { specification.budget ?? $0 }
    var networks: [MorphResult.Network] = []
    for search in searches {
      networks.append(try await search.finish(budgets, telling: observer))
    }
    let classCount = subjects[0].outputCount
    let names =
      subjects[0].input.classNames.isEmpty ? data.classNames : subjects[0].input.classNames
    return MorphResult(
      specification: specification, command: command, input: example.input, bounds: data.bounds,
      source: specification.photo ?? "\(data.name), example \(example.index)",
      classNames: (0..<classCount).map { names.name(of: $0).synonymless },
      target: target, networks: networks,
      seconds: (ContinuousClock.now - start).seconds, dataDigest: try Digests.data(data))
  }
}

extension String {
  /// A name without the synonyms that ImageNet's have.
  fileprivate var synonymless: String { String(prefix { $0 != "," }) }
}
