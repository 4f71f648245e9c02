import Datasets
import Engine
import Images
import Insight
import Models
import Networks
import Settings

/// A search for cues that a network rides on, ready to be run.
public final class HansStudy: Sendable {
  /// What was asked for.
  public let specification: HansSpecification
  private let command: [String]
  private let policy: Algorithms.Policy
  private let work: Work

  /// What there is to do.
  private enum Work {
    case search(Subject, Dataset, classes: [Int])
    case demonstration(HansDemonstrationPlan)
  }

  /// Reads model and data.
  ///
  /// - Parameters:
  ///   - specification: What is asked for.
  ///   - command: The words of the command that asks for it, for the record.
  ///   - observer: Told what is met.
  /// - Throws: An error that says in one line what does not fit, or what could not be read.
  public init(
    _ specification: HansSpecification, command: [String] = [], telling observer: Observer = .none
  ) throws {
    self.specification = specification
    self.command = command
    let asked = specification
    try asked.check()
    guard let name = asked.model else {
      work = .demonstration(try HansDemonstrationPlan(asked, telling: observer))
      policy = try asked.engine.apply()
      return
    }
    let source = try ModelSource(name, asked.modelSettings, telling: observer) {
      try asked.data.exampleShape()
    }
    let data = try asked.data.load(for: try source.form(asked.modelSettings), telling: observer)
    let subject = try source.subject(
      for: data, asked.modelSettings, RemoteSettings(), batch: asked.batch, telling: observer)
    let (classes, _) = try HansStudy.classes(asked, in: data, of: subject, telling: observer)
    work = .search(subject, data, classes: classes)
    policy = try asked.engine.apply()
  }

  /// The classes that are looked at, and the names of all.
  ///
  /// - Throws: `StudyError` or `CueError` where cues cannot be looked for in them.
  static func classes(
    _ asked: HansSpecification, in data: Dataset, of subject: Subject,
    telling observer: Observer = .none
  ) throws -> (classes: [Int], names: [String]) {
    let names =
      subject.input.classNames.isEmpty ? data.classNames : subject.input.classNames
    let known = try asked.finder.classes(in: data, named: names)
    try data.check(fits: subject)
    guard subject.outputCount > 1 else {
      throw StudyError("\(subject.name) has a single output; expected an output for each class")
    }
    guard let classes = asked.classes else {
      let all = Set(data.labels).count
      guard known.count <= HansSpecification.mostClasses else {
        throw StudyError(
          "\(data.name) has \(known.count) classes; expected \(Setting.classes) with at most"
            + " \(HansSpecification.mostClasses) of them, such as \(Setting.classes) 3,8")
      }
      if known.count < all {
        observer.note(
          "\(data.name): \(all - known.count) of \(all) classes have too few examples and are left out"
        )
      }
      return (known, names)
    }
    let words = classes.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let numbers = try words.map { word -> Int in
      let number = try ClassName.number(word, .classes, subject, data)
      guard 0..<subject.outputCount ~= number else {
        throw StudyError(
          "\(Setting.classes) has \(number); expected classes from 0 to \(subject.outputCount - 1)")
      }
      guard known.contains(number) else {
        throw CueError.tooFew(
          data.labels.count { $0 == number }, of: names.name(of: number),
          neighbours: asked.neighbours, data: data.name)
      }
      return number
    }
    guard Set(numbers).count == numbers.count else {
      throw StudyError("\(Setting.classes) is '\(classes)'; expected each class once")
    }
    return (numbers, names)
  }

  /// Looks for cues; a demonstration trains its networks first, and the repaired one after it.
  ///
  /// - Parameter observer: Told what happens.
  /// - Returns: What came of it.
  /// - Throws: What data, training and networks throw; `CancellationError`.
  public func run(telling observer: Observer = .none) async throws -> HansResult {
    switch work {
    case .search(let subject, let data, let classes):
      let model = try subject.model(policy)
      let report = try await DiagnosisStep.perform(subject, model, on: data)
      DiagnosisStep.warn(report, telling: observer)
      var result = try await HansStudy.search(
        specification, subject, model, data, classes, telling: observer)
      result.command = command
      result.diagnosis = report?.findings
      return result
    case .demonstration(let plan):
      var result = try await plan.run(policy, telling: observer)
      result.command = command
      return result
    }
  }

  /// Looks for cues in a network.
  static func search(
    _ asked: HansSpecification, _ subject: Subject, _ model: any BatchedModel, _ data: Dataset,
    _ classes: [Int], telling observer: Observer
  ) async throws -> HansResult {
    let names =
      subject.input.classNames.isEmpty ? data.classNames : subject.input.classNames
    let line = observer.begin("look for cues", of: classes.count, "classes")
    defer { line.finish() }
    let start = ContinuousClock.now
    let findings = try await asked.finder.find(
      in: classes, of: data, named: names, by: model, progress: { line.show($0) })
    return HansResult(
      specification: asked, model: subject.name, form: subject.form,
      fileDigest: subject.fileDigest, parametersDigest: subject.parametersDigest, data: data,
      classNames: names, relevance: asked.finder.relevance.name, findings: findings,
      seconds: (ContinuousClock.now - start).seconds, dataDigest: try Digests.data(data),
      computation: model.computation)
  }
}
