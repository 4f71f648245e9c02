package import Datasets
package import Diagnosis
package import Engine
import JSON
package import Models
import Networks
import Remote
import Reports
package import Robustness
import Settings
package import Tensors

/// One attack on a data set, and what came of it.
public struct AttackRun: Sendable {
  /// What was asked for.
  package let request: Request
  /// The positions of the examples that were attacked, which are all but those already of the target class.
  package let positions: [Int]
  /// What came of each.
  package let outcomes: [Outcome]
  /// Duration of the work, without start-up.
  package let seconds: Double
  /// Which algorithms computed the network, if it runs here.
  package let computation: Computation?
  /// The digest of all examples that were asked for; see `Digests.data`.
  let dataDigest: String
  /// What is missing where a remote model ceased to answer; `nil` if nothing is.
  package var unfinished: Unfinished?
  /// What the diagnosis before found; `nil` if there was none.
  package var findings: [Finding]? = []

  /// What is shared by all examples, if the attack looks for that, and the evaluations that the search of it took.
  package var shared: Tensor<Float>?
  var sharedPasses = Passes.zero

  /// The end of a run before its time.
  package struct Unfinished: Sendable {
    /// The number of examples that were not finished.
    package let count: Int
    /// Why: a `RemoteError`, or a signal.
    package let reason: any Error
  }

  /// Makes sure that the parts of a request fit one another.
  ///
  /// - Throws: `StudyError` that says what does not.
  package static func check(_ request: Request) throws {
    if request.surrogates.isEmpty {
      let attack = type(of: request.attack)
      try request.subject.check(needs: attack.knowledge, attack: attack.name)
    }
    try request.goalRule.check(request.data, outputCount: request.subject.outputCount)
    try request.data.check(fits: request.subject, labels: !request.goalRule.ignoresLabels)
    if request.confidence != nil { try request.checkConfidence() }
  }

  /// Runs the attack on the subject's model.
  ///
  /// - Parameters:
  ///   - request: What to do.
  ///   - model: The subject's model.
  ///   - progress: Told what is finished; who asks for it gets that also where the run is interrupted.
  ///   - observer: Told what happens.
  /// - Returns: The run.
  /// - Throws: What the attack throws; where a remote model ceases to answer, only if no example is finished.
  package static func perform(
    _ request: Request, on model: any BatchedModel, _ progress: AttackProgress? = nil,
    telling observer: Observer = .none
  ) async throws -> AttackRun {
    try check(request)
    let common = try request.data.threat(request.threat, for: request.subject.input)
    let surrogates = try request.surrogates.map {
      try CompiledNetwork($0.network, algorithms: request.algorithms)
    }
    let judged: any BatchedModel =
      surrogates.isEmpty ? model : TransferModel(model, through: surrogates)
    let positions = (0..<request.data.count).filter { position in
      request.target.map { .label($0) != request.data.target(at: position) } ?? true
    }
    guard !positions.isEmpty else {
      throw StudyError(
        "\(request.data.name): all examples are of class \(request.target ?? 0) already; expected examples of other"
          + " classes with \(Setting.target) \(request.target ?? 0)")
    }
    let outputs = try await outputs(of: request, by: model)
    let digest = try Digests.data(request.data)
    let start = ContinuousClock.now
    let line = observer.begin(request.title, of: positions.count, "examples")
    defer { line.finish() }
    let runner = AttackRunner(model: judged, batch: request.batch, seed: request.seed) { split in
      line.finish()
      observer.note("\(Setting.batch) is \(request.batch): \(split)")
    }
    if let search = request.attack as? UniversalPerturbation {
      let work = SharedWork(
        request: request, search: search, threat: common, positions: positions, outputs: outputs,
        observer: observer)
      let (z, outcomes) = try await work.perform(by: runner)
      var run = AttackRun(
        request: request, positions: positions, outcomes: outcomes,
        seconds: (ContinuousClock.now - start).seconds,
        computation: model.computation, dataDigest: digest)
      run.shared = z
      run.sharedPasses = work.passes
      return run
    }
    let isKept = progress != nil
    let progress = progress ?? AttackProgress()
    progress.begin(positions, digest, start)
    var unfinished: (any Error)?
    let piece = request.data.pieceCount(batch: request.batch)
    for first in stride(from: 0, to: positions.count, by: piece) {
      let problems = try (first..<min(first + piece, positions.count)).map { place in
        try problem(
          try request.data.example(at: positions[place]), request, common,
          outputs: outputs?.row(place))
      }
      do {
        let outcomes = try await runner.run(request.attack, on: problems) { done, outcome in
          // Of a choice of threats an outcome that comes by itself knows its last alternative only.
          if common.alternatives.count == 1 { progress.add([outcome]) }
          if outcome.adversarialExample != nil { observer.tell(.broke(example: outcome.index)) }
          line.show(first + done)
        }
        progress.add(outcomes)
      } catch  where error is RemoteError || (error is CancellationError && isKept) {
        guard progress.count > 0, (error as? RemoteError)?.voidsAnswers != true else {
          throw error
        }
        unfinished = error
        break
      }
    }
    return progress.run(
      request, computation: model.computation, endedBy: unfinished)
  }

  /// What is asked about one example.
  package static func problem(
    _ example: Example, _ request: Request, _ common: any ThreatModel, outputs: Tensor<Float>?
  ) throws -> Problem {
    let own = try request.radii?.radii[example.index].map {
      try request.data.threat(request.threat.with(radius: $0), for: request.subject.input)
    }
    let threat = own ?? common
    return try Problem(
      index: example.index, input: example.input,
      label: request.isAboutClasses ? example.label : nil,
      threat: request.levels.map { Quantized.threat(threat, levels: $0) } ?? threat,
      goal: request.goal(
        of: request.goalRule.goal(
          target: example.target, outputs: outputs, outputCount: request.subject.outputCount)),
      earlyStopping: type(of: request.attack).search != .minimumNorm)
  }

  /// An example that was attacked, by its place among the outcomes.
  package func example(_ place: Int) throws -> Example {
    try request.data.example(at: positions[place])
  }

  /// The examples on which the attack found an adversarial example, in their order, a number of them at most.
  package func broken(_ limit: Int = .max) throws -> [(
    example: Example, adversarialExample: AdversarialExample
  )] {
    var found: [(Example, AdversarialExample)] = []
    for (place, outcome) in outcomes.enumerated() where found.count < limit {
      if let adversarialExample = outcome.adversarialExample {
        found.append((try example(place), adversarialExample))
      }
    }
    return found
  }

  /// What the model says of all examples as they are, where the aim is about that.
  private static func outputs(
    of request: Request, by model: any BatchedModel
  ) async throws -> Tensor<Float>? {
    guard request.goalRule.ignoresLabels else { return nil }
    let all = Prediction.Request(
      data: request.data, batch: request.batch, includesGradient: false)
    let outputs = try await Prediction.perform(all, on: model).logits
    guard outputs.scalars.allSatisfy(\.isFinite) else {
      throw StudyError(
        "\(request.model): some outputs for \(request.data.name) are NaN or infinite; expected numbers"
      )
    }
    return outputs
  }

  /// Share of examples that are right as they are.
  package var clean: Proportion { Proportion(outcomes.count { isRight($0) }, of: outcomes.count) }

  /// Share of examples that are right and were not broken.
  package var robust: Proportion { Proportion(outcomes.count { isRobust($0) }, of: outcomes.count) }

  /// Whether an example is right as it is: classified as it should be, or, where the aim is not about classes,
  /// such that there is something left to attack.
  func isRight(_ outcome: Outcome) -> Bool {
    request.isAboutClasses
      ? outcome.prediction == outcome.label : outcome.cleanMargin <= 0
  }

  /// Whether an example is right as it is and was not broken.
  package func isRobust(_ outcome: Outcome) -> Bool { isRight(outcome) && outcome.robust }

  /// Evaluations in total.
  package var passes: Passes { outcomes.reduce(sharedPasses) { $0 + $1.passes } }

  /// Rows on which the attack itself failed.
  package var failures: [Outcome] { outcomes.filter { $0.failure != nil } }

  /// A network on which the attack is made.
  package struct Surrogate: Sendable {
    /// What it is called.
    package let name: String
    let network: Network
  }

  /// What to do.
  package struct Request: Sendable {
    /// What is attacked.
    package var subject: Subject
    /// The examples.
    package var data: Dataset
    /// What may change.
    package var threat: ThreatReference
    /// What the attack is to bring about.
    package var goalRule = GoalRule.miss
    /// How sure the model must become.
    package var confidence: Confidence?
    /// The attack.
    package var attack: any Attack
    /// The attack with its options, in words.
    package var attackDescription: String
    /// The attack by its name, with all options.
    package var settings: AttackSettings?
    /// Radii of single examples, instead of the threat's.
    package var radii: RadiusFile?
    /// The values that changed inputs may have, if they are rounded.
    package var levels: QuantizationLevels?
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
    /// Networks on which the attack is made, which the model then judges.
    package var surrogates: [Surrogate] = []
    /// What to call the work while it is under way.
    package var title = "attack"

    /// An attack on examples; what else there is to say, the properties do.
    package init(
      subject: Subject, data: Dataset, threat: ThreatReference, attack: any Attack,
      attackDescription: String, radii: RadiusFile? = nil, seed: UInt64, batch: Int
    ) {
      self.subject = subject
      self.data = data
      self.threat = threat
      self.attack = attack
      self.attackDescription = attackDescription
      self.radii = radii
      self.seed = seed
      self.batch = batch
    }

    /// What the model is called.
    package var model: String { subject.name }

    /// The class that is to be seen, if there is one.
    package var target: Int? { goalRule.target }

    /// Whether examples are right where they are taken for their class.
    package var isAboutClasses: Bool { goalRule.isAboutClasses(data.targetKind) }

    /// The range that changed inputs stay in.
    package var bounds: ClosedRange<Float> { data.bounds(for: subject.input) }

    /// What may change, in words.
    package var threatDescription: String {
      let ball =
        (radii.map { "\(threat), or the radius that \($0.path) gives an example" }
          ?? threat.description) + data.remark(on: threat)
      return levels.map { "\(ball), rounded to \($0.values.count) levels" } ?? ball
    }
  }

  /// The median size of the nearest change that fools the model, of the examples that are right as they are; infinite
  /// where at least half of them were not broken at all.
  ///
  /// `nil` for attacks that do not look for it, and where no example is right.
  package var medianDistance: Double? {
    guard type(of: request.attack).search == .minimumNorm else { return nil }
    let distances = outcomes.filter { isRight($0) }.map { $0.nearest?.distance ?? .infinity }
      .sorted()
    guard !distances.isEmpty else { return nil }
    let middle = distances.count / 2
    return distances.count % 2 == 1
      ? distances[middle] : (distances[middle - 1] + distances[middle]) / 2
  }

  /// The line that says it.
  package static func text(medianDistance: Double) -> String {
    "median distance    " + words(medianDistance: medianDistance)
  }

  /// The distance, or why there is none.
  package static func words(medianDistance: Double) -> String {
    medianDistance.isFinite
      ? Format.shortest((medianDistance * 1e4).rounded() / 1e4)
      : "none: half of them were not broken"
  }

  /// How many of the examples an attack had broken after a number of queries.
  package struct QueriesShare: Sendable, Hashable {
    /// The number of queries for one example.
    package let queries: Int
    /// The share of the attacked examples that were broken by then.
    package let success: Double
  }

  /// The forward passes that the attack had asked for when it broke an example; `nil` where it did not.
  ///
  /// The verification of earlier attempts counts, too.
  package static func queries(of outcome: Outcome) -> Int? {
    outcome.adversarialExample.map { max($0.passes.forward - 1, 1) }
  }

  /// The share of the attacked examples that were broken after 1, 2, 5, 10 and so on queries, up to the budget.
  ///
  /// `nil` for attacks that use gradients, and where there was nothing to attack.
  package var queriesCurve: [QueriesShare]? {
    let attacked = outcomes.count { $0.cleanMargin <= 0 }
    guard type(of: request.attack).knowledge < .gradients, attacked > 0 else { return nil }
    let counts = outcomes.compactMap { AttackRun.queries(of: $0) }.sorted()
    let budget = request.attack.budget.forward
      .multipliedReportingOverflow(by: max(1, request.attack.restarts))
    let last = max(budget.overflow ? Int.max : budget.partialValue, counts.last ?? 1)
    var places: [Int] = []
    var unit = 1
    while unit <= last {
      places += [unit, 2 * unit, 5 * unit].filter { $0 < last }
      if unit > Int.max / 50 { break }
      unit *= 10
    }
    return (places + [last]).map { limit in
      let broken = counts.prefix { $0 <= limit }.count
      return QueriesShare(queries: limit, success: Proportion(broken, of: attacked).share)
    }
  }

  /// The curve as records have it.
  static func json(_ curve: [QueriesShare]) -> JSONValue {
    .array(
      curve.map { ["queries": JSONValue($0.queries), "success": JSONValue($0.success)] })
  }
}
