package import Datasets
package import Diagnosis
package import Engine
package import Evaluation
package import JSON
package import Models
package import Networks
import Remote
package import Reports
package import Robustness
import Settings
import Tensors

/// An evaluation of a network on a data set, and what came of it.
public struct EvaluationRun: Sendable {
  /// What was asked for.
  package let request: Request
  /// What the attacks came to.
  package let evaluation: Evaluation
  /// The accuracy against the radius, if it was asked for.
  package let curve: AccuracyCurve?
  /// The passes that the curve cost beyond the evaluation.
  let curvePasses: Passes
  /// What verified bounds say of the examples, if that was asked for.
  package let certification: Certification?
  /// Duration of the verification.
  package let verifySeconds: Double
  /// The checklist.
  package let checks: [Check]
  /// What the diagnosis before found; `nil` if there was none.
  package let findings: [Finding]?
  /// Duration of the attacks, without start-up, curve and checklist; that of earlier parts included.
  package let seconds: Double
  /// Duration of the curve and of the checklist.
  package let curveSeconds: Double
  /// Duration of the checklist.
  package let checkSeconds: Double
  /// Which algorithms computed the network, if it runs here.
  package let computation: Computation?
  /// The digest of the examples; see `Digests.data`.
  let dataDigest: String

  /// Evaluates the subject's model.
  ///
  /// - Throws: `StudyInterrupted` where its task is cancelled, once what is finished has been written; what
  ///   `EvaluationJournal.ending` says where a remote model answers no more.
  package static func perform(
    _ request: Request, on model: any BatchedModel, findings: [Finding]?,
    telling observer: Observer = .none
  ) async throws -> EvaluationRun {
    let journal = try EvaluationJournal(request, observer)
    observer.keep { journal.interruption }
    defer { observer.keep(nil) }
    let line = observer.begin(
      "evaluate", of: request.data.count, "examples", from: journal.count)
    defer { line.finish() }
    let runner = AttackRunner(model: model, batch: request.batch, seed: request.seed) { split in
      line.finish()
      observer.note("\(Setting.batch) is \(request.batch): \(split)")
    }
    do {
      let begin = ContinuousClock.now
      let certification = try await certify(request, on: model, observer)
      let verifySeconds = (ContinuousClock.now - begin).seconds
      if request.skipsCertified, let certification {
        try await skip(certification, request, on: model, journal)
      }
      journal.begin()
      try await attack(request, runner, journal, line)
      line.finish()
      var records = journal.records
      let seconds = journal.seconds
      let clock = ContinuousClock.now
      let curve = try await self.curve(request, runner, records, observer)
      for (place, change) in curve?.found ?? [:] { records[place].adversarialExample = change }
      for (place, bound) in (curve?.bounds ?? []).enumerated() where bound > 0 && bound.isFinite {
        records[place].nearest = min(records[place].nearest ?? .infinity, bound)
      }
      let evaluation = Evaluation(
        stages: request.suite.members.map(\.name), records: records)
      let curveSeconds = (ContinuousClock.now - clock).seconds
      let checks = try await checklist(request, runner, evaluation, findings)
      if let message = certification?.alarm(evaluation.records, in: request.model) {
        observer.warn(message)
      }
      try request.subject.remote?.finish()
      return EvaluationRun(
        request: request, evaluation: evaluation,
        curve: curve.map { AccuracyCurve(radii: request.radii.map(\.value), bounds: $0.bounds) },
        curvePasses: curve?.passes ?? .zero, certification: certification,
        verifySeconds: verifySeconds, checks: checks, findings: findings,
        seconds: seconds, curveSeconds: curveSeconds,
        checkSeconds: (ContinuousClock.now - clock).seconds - curveSeconds,
        computation: model.computation,
        dataDigest: try journal.dataDigest ?? Digests.data(request.data))
    } catch is CancellationError {
      observer.tell(.ending)
      line.finish()
      throw StudyInterrupted(description: journal.interruption)
    } catch let error as RemoteError {
      line.finish()
      throw journal.ending(by: error)
    }
  }

  /// Bounds what all changes can do to each example.
  private static func certify(
    _ request: Request, on model: any BatchedModel, _ observer: Observer
  ) async throws -> Certification? {
    guard let verification = request.verification else { return nil }
    let examples = try await verification.certify(
      request.data, at: Array(0..<request.data.count), on: model, telling: observer
    ) { try request.problem($0, earlyStopping: true, isLevelled: false) }
    return Certification(examples: examples)
  }

  /// Records examples that are certified as not broken, with the pass that told that they are right.
  private static func skip(
    _ certification: Certification, _ request: Request, on model: any BatchedModel,
    _ journal: EvaluationJournal
  ) async throws {
    let positions = certification.examples.indices.filter {
      certification.examples[$0].isCertified
        && !journal.isDone(certification.examples[$0].index)
    }
    guard !positions.isEmpty else { return }
    let scores = try await model.outputs(count: positions.count, batch: request.batch) { rows in
      try request.data.inputs(at: rows.map { positions[$0] })
    }
    for (row, position) in positions.enumerated() {
      let example = certification.examples[position]
      let margin = try request.problem(position, earlyStopping: true).goal
        .margin(of: scores.row(row))
      _ = journal.note(
        ExampleRecord(
          index: example.index, label: example.label, prediction: example.label,
          cleanMargin: margin, margin: margin, adversarialExample: nil, nearest: nil,
          passes: Passes(forward: 1), stagePasses: request.suite.members.map { _ in .zero },
          failure: nil))
    }
  }

  /// Runs the attacks on the examples that have no record yet, but for some, by their indices.
  static func attack(
    _ request: Request, _ runner: AttackRunner, _ journal: EvaluationJournal, _ line: StageObserver,
    leavingOut skipped: Set<Int> = []
  ) async throws {
    let piece = request.data.pieceCount(batch: request.batch)
    for first in stride(from: 0, to: request.data.count, by: piece) {
      let positions = (first..<min(first + piece, request.data.count)).filter {
        let index = request.data.index(at: $0)
        return !journal.isDone(index) && !skipped.contains(index)
      }
      if positions.isEmpty { continue }
      let labels = Dictionary(
        uniqueKeysWithValues: positions.map {
          (request.data.index(at: $0), request.data.label(at: $0))
        })
      let problems = try positions.map { try request.problem($0, earlyStopping: true) }
      let outcomes = try await runner.run(request.suite.stages, on: problems) { _, outcome in
        line.show(journal.note(ExampleRecord(outcome, label: labels[outcome.index] ?? 0)))
      }
      // The last ones may still be on their way to the journal when the run has come back.
      for outcome in outcomes {
        _ = journal.note(ExampleRecord(outcome, label: labels[outcome.index] ?? 0))
      }
    }
  }

  /// The radius at which each example breaks.
  private static func curve(
    _ request: Request, _ runner: AttackRunner, _ all: [ExampleRecord], _ observer: Observer
  ) async throws -> (bounds: [Double], found: [Int: ExampleRecord.Break], passes: Passes)? {
    guard !request.radii.isEmpty else { return nil }
    let within =
      request.norm == .zero
      ? request.suite
      : try Suite.standard(
        request.norm, outputCount: request.subject.outputCount, names: ["apgd-ce", "apgd-t"],
        isExhaustive: request.isExhaustive)
    let nearest = request.suite.nearestStages
    let line = observer.begin("curve", of: all.count, "examples")
    defer { line.finish() }
    var bounds: [Double] = []
    var found: [Int: ExampleRecord.Break] = [:]
    var passes = Passes.zero
    let piece = request.data.pieceCount(batch: request.batch)
    for first in stride(from: 0, to: all.count, by: piece) {
      let records = Array(all[first...].prefix(piece))
      let part = try await runner.breakingRadii(
        of: records, radius: request.radius, radii: request.radii.map(\.value), nearest: nearest,
        stages: within.stages,
        progress: { line.show(first + Int($0 * Double(records.count))) }
      ) { try request.problem(first + $0, radius: $1, earlyStopping: $2) }
      bounds += part.bounds
      for (place, change) in part.found { found[first + place] = change }
      passes += part.passes
    }
    return (bounds, found, passes)
  }

  /// Goes through the checklist on some of the examples that are right.
  private static func checklist(
    _ request: Request, _ runner: AttackRunner, _ evaluation: Evaluation, _ findings: [Finding]?
  ) async throws -> [Check] {
    guard request.checks else { return [] }
    let right = evaluation.records.indices.filter { evaluation.records[$0].isRight }
    let limit = request.data.exampleShape.count <= 4096 ? Checklist.sampleCount : 32
    let count = min(limit, right.count)
    let sample = try (0..<count).map { place in
      let position = right[place * right.count / count]
      return Checklist.Specimen(
        record: evaluation.records[position],
        problem: try request.problem(position, earlyStopping: true),
        smooth: request.levels == nil
          ? nil : try request.problem(position, earlyStopping: true, isLevelled: false),
        unbounded: try request.problem(
          position, radius: request.largestRadius, earlyStopping: true))
    }
    return try await Checklist(
      evaluation, suite: request.suite, norm: request.norm, sample: sample
    ).perform(on: runner, findings: findings)
  }

  /// The examples that were broken, in their order, a number of them at most.
  package func broken(_ limit: Int = .max) throws -> [(
    example: Example, change: ExampleRecord.Break
  )] {
    var found: [(Example, ExampleRecord.Break)] = []
    for (position, record) in evaluation.records.enumerated() where found.count < limit {
      if let change = record.adversarialExample {
        found.append((try request.data.example(at: position), change))
      }
    }
    return found
  }

  /// What to do.
  package struct Request: Sendable {
    /// What is evaluated.
    package var subject: Subject
    /// The examples.
    package var data: Dataset
    /// What may change.
    package var threat: ThreatReference
    /// The norm and the radius of the threat, which is one ball.
    package var norm: Norm
    /// The radius of the ball.
    package var radius: Double
    /// The attacks.
    package var suite: Suite
    /// Whether the attacks of the curve give up nothing either.
    var isExhaustive = false
    /// The radii of the curve, ascending; empty for none.
    package var radii: [RadiusRange.Radius] = []
    /// The values that changed inputs may have, if they are rounded.
    package var levels: QuantizationLevels?
    /// Bounds of the network, if examples are to be certified.
    package var verification: Verification?
    /// Whether no attack is run on examples that are certified.
    package var skipsCertified = false
    /// Whether to go through the checklist.
    package var checks = true
    /// Determines all random choices.
    package var seed: UInt64
    /// The words of the command that asks for it; empty if none does.
    package var command: [String] = []
    /// The specification that it was made of, if it was made of one.
    package var specification: (any Specification)?
    /// How many examples the network sees at once.
    package var batch: Int
    /// How algorithms are chosen.
    package var algorithms = Algorithms.Policy.fastest
    /// Where finished examples are kept while the work is under way.
    package var state: String?

    /// What the model is called.
    package var model: String { subject.name }

    /// What may change, in words.
    package var threatDescription: String {
      (levels.map { "\(threat), rounded to \($0.values.count) levels" } ?? threat.description)
        + data.remark(on: threat)
    }

    /// The range that changed inputs stay in.
    package var bounds: ClosedRange<Float> { data.bounds(for: subject.input) }

    /// What is asked about an example within a radius.
    package func problem(
      _ position: Int, radius: Double? = nil, earlyStopping: Bool, isLevelled: Bool = true
    ) throws -> Problem {
      let example = try data.example(at: position)
      let threat = try data.ball(
        norm, radius: radius ?? self.radius, for: subject.input,
        levels: isLevelled ? levels : nil)
      let goal = GoalRule.miss.goal(
        target: example.target, outputs: nil, outputCount: subject.outputCount)
      return try Problem(
        index: example.index, input: example.input, label: example.label,
        threat: threat, goal: goal,
        earlyStopping: earlyStopping)
    }

    /// A radius within which every change is allowed.
    var largestRadius: Double {
      let width =
        data.boundsColumns ? 1 : Double(bounds.upperBound) - Double(bounds.lowerBound)
      let count = Double(data.exampleShape.count)
      return switch norm {
      case .infinity: width
      case .two: width * count.squareRoot()
      case .one: width * count
      case .zero: count
      }
    }
  }
}

extension Dataset {
  /// The range that changed inputs stay in: the model's, or that of features beyond a range that nobody gave.
  package func bounds(for input: InputDescription) -> ClosedRange<Float> {
    let own = input.bounds
    let isGiven = own != 0...1 || input.shape.rank == 3
    let isWider = bounds.lowerBound < own.lowerBound || bounds.upperBound > own.upperBound
    return isWider && !isGiven ? bounds : own
  }

  /// How many examples are in memory at once: all of small data, half a gigabyte of large ones.
  func pieceCount(batch: Int) -> Int { max(8 * batch, (512 << 20) / (4 * exampleShape.count)) }
}

/// Two networks evaluated on the same examples.
package struct EvaluationPair: Sendable {
  /// The evaluation of the model.
  package let first: EvaluationRun
  /// That of the model it is compared with.
  package let second: EvaluationRun

  /// Which examples hold in which network.
  package var comparison: PairedComparison {
    PairedComparison(
      first.evaluation.records.map(\.isRobust), second.evaluation.records.map(\.isRobust))
  }

  /// How many examples hold where.
  package var table: Table {
    let comparison = comparison
    var table = Table(columns: [.words("robust in"), .numbers("examples")])
    table.append(texts: ["both", Format.count(comparison.both)])
    table.append(texts: ["only \(first.request.model)", Format.count(comparison.onlyFirst)])
    table.append(texts: ["only \(second.request.model)", Format.count(comparison.onlySecond)])
    table.append(texts: ["neither", Format.count(comparison.neither)])
    return table
  }

  /// The difference and how likely it would be by chance, in a sentence.
  package var summary: String {
    let comparison = comparison
    let p = comparison.probability
    let text = p < 0.0001 ? "less than 0.0001" : Format.fixed(p, decimals: 4)
    let chance =
      "a difference as large has a probability of \(text) by chance (McNemar's exact test)"
    if comparison.onlyFirst == comparison.onlySecond {
      return "as many examples hold in one network only as in the other only; \(chance)"
    }
    let better =
      comparison.onlyFirst > comparison.onlySecond ? first.request.model : second.request.model
    return p < 0.05
      ? "\(better) is more robust: \(chance)" : "neither is clearly more robust: \(chance)"
  }

  /// The counts.
  package var json: JSONValue {
    let comparison = comparison
    return [
      "both": JSONValue(comparison.both), "only_first": JSONValue(comparison.onlyFirst),
      "only_second": JSONValue(comparison.onlySecond), "neither": JSONValue(comparison.neither),
      "probability": JSONValue(comparison.probability),
    ]
  }
}
