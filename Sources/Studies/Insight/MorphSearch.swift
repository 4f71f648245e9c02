import Attacks
import Datasets
import Diagnosis
import Insight
import Models
import Robustness
import Settings
import Tensors

/// The searches on one input for one network.
struct MorphSearch: Sendable {
  private let subject: Subject
  private let model: any BatchedModel
  private let example: Example
  private let data: Dataset
  private let asked: MorphSpecification
  private let findings: [Finding]?
  private let before: Ranking
  private let source: Int
  private let targets: [Int]
  private var least: [AdversarialExample?] = []

  init(
    _ subject: Subject, _ model: any BatchedModel, _ example: Example, _ data: Dataset,
    target: Int?, _ asked: MorphSpecification, findings: [Finding]?
  ) async throws {
    self.subject = subject
    self.model = model
    self.example = example
    self.data = data
    self.asked = asked
    self.findings = findings
    before = try await model.ranking(of: example.input)
    guard let seen = before.label else {
      throw StudyError("\(subject.name): the scores of the input are not numbers")
    }
    source = seen
    targets = (target.map { [$0] } ?? Array(0..<subject.outputCount)).filter { $0 != seen }
  }

  /// Looks for the nearest point at which the network sees each class.
  ///
  /// Box-constrained L-BFGS, as in Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow and Fergus, "Intriguing
  /// properties of neural networks", 2014, https://arxiv.org/abs/1312.6199; and since the gradients of robust networks
  /// vanish where it begins, DDN, FMN and FAB, too, and along the boundary from what these found and from real
  /// examples.
  ///
  /// - Parameters:
  ///   - others: Examples, of which the nearest of each class are beginnings.
  ///   - observer: Told what happens.
  /// - Throws: What the model throws; `StudyError` where an attack fails.
  mutating func findLeast(_ others: [Example], telling observer: Observer) async throws {
    let title = "least change, \(subject.name)"
    least = targets.map { _ in nil }
    for attack in [LBFGS(), DDN(), FMN(), FAB()] as [any Attack] {
      let found = try await outcomes(
        attack, within: ThreatReference("l2"), title, observer, targets
      ) { .reach($0) }
      for (place, outcome) in found.enumerated() { note(outcome.nearest, place) }
    }
    // Each class takes what shows it of the points that are there for all.
    let real = targets.map { target in
      others.filter { $0.label == target }
        .map { ($0.input, ($0.input - example.input).norm2) }.sorted { $0.1 < $1.1 }.map(\.0)
    }
    let starts = (0..<Self.beginnings).map { rank in
      real.compactMap { rank < $0.count ? $0[rank] : nil }
    }
    for points in starts + [least.compactMap { $0?.z }] where !points.isEmpty {
      var attack = BrendelBethge()
      attack.starts = points
      let found = try await outcomes(
        attack, within: ThreatReference("l2"), title, observer, targets
      ) { .reach($0) }
      for (place, outcome) in found.enumerated() { note(outcome.nearest, place) }
    }
  }

  /// How many real examples of each class the boundary is followed from.
  private static let beginnings = 3

  /// The least change toward a class, if one was found.
  func leastLength(to target: Int) -> Double? {
    targets.firstIndex(of: target).flatMap { least[$0]?.distance }
  }

  private mutating func note(_ found: AdversarialExample?, _ place: Int) {
    guard let found, found.distance < least[place]?.distance ?? .infinity else { return }
    least[place] = found
  }

  /// Looks for the points within the budgets at which the network is surest of each class, and asks it about what is on
  /// the way to all points and about noise of their size.
  func finish(
    _ budgets: [Int: Double], telling observer: Observer
  ) async throws -> MorphResult.Network {
    let title = "large change, \(subject.name)"
    var morphs: [Morph] = []
    for (place, target) in targets.enumerated() {
      let budget = budgets[target] ?? 0
      var ascent = PGD()
      ascent.steps = asked.steps
      ascent.randomStart = false
      var attacks: [any Attack] = [ascent]
      if let least = least[place] {
        ascent.start = least.z
        attacks.append(ascent)
      }
      var search = Square()
      search.queries = 10 * asked.steps
      attacks.append(search)
      var surest: (margin: Double, example: AdversarialExample)?
      for attack in attacks {
        // Scores alone are asked where gradients have led to little.
        if attack is Square, surest.map({ $0.margin > Self.much }) ?? false { continue }
        let found = try await outcomes(
          attack, within: ThreatReference("l2:\(budget)"), title, observer, [target]
        ) { .reach($0, confidence: Self.sure) }
        guard let outcome = found.first,
          let example = outcome.adversarialExample ?? outcome.lessSure,
          surest.map({ outcome.margin > $0.margin }) ?? true
        else { continue }
        surest = (outcome.margin, example)
      }
      morphs.append(
        Morph(
          target: target, budget: budget, least: try await change(least[place], to: target),
          large: try await change(surest?.example, to: target)))
    }
    return MorphResult.Network(
      morphs: NetworkMorphs(
        model: subject.name, source: source, probability: before.entries[0].probability ?? 0,
        morphs: morphs),
      form: subject.form, parametersDigest: subject.parametersDigest,
      fileDigest: subject.fileDigest, computation: model.computation, findings: findings)
  }

  /// So sure is hardly any network, so that no search ends before its steps are taken.
  private static let sure = Confidence(1 - 1e-12)

  /// The margin of that goal at which a network is 99 % sure.
  private static let much = Double.log(99) - Double.log(1e12)

  /// For each class twice the least change that any of the networks needs for it, or where none is known for any class;
  /// a quarter of the longest change there is, where none is known at all.
  static func budgets(after searches: [MorphSearch], _ bounds: ClosedRange<Float>) -> [Int: Double]
  {
    let targets = Set(searches.flatMap(\.targets))
    let known = targets.reduce(into: [Int: Double]()) { known, target in
      known[target] = searches.compactMap { $0.leastLength(to: target) }.max()
    }
    let size = Double(searches.first?.example.input.count ?? 1)
    let longest = Double(bounds.upperBound - bounds.lowerBound) * size.squareRoot()
    let other = known.values.max() ?? longest / 8
    return targets.reduce(into: [:]) { $0[$1] = rounded(2 * (known[$1] ?? other)) }
  }

  /// A length with two significant digits, which can be written down.
  private static func rounded(_ length: Double) -> Double {
    let unit = Double.pow(10, (Double.log(length) / Double.log(10)).rounded(.down) - 1)
    return (length / unit).rounded(.up) * unit
  }

  private func outcomes(
    _ attack: any Attack, within threat: ThreatReference, _ title: String, _ observer: Observer,
    _ targets: [Int], _ goal: (Int) -> Goal
  ) async throws -> [Outcome] {
    let threat = try data.threat(threat, for: subject.input)
    let problems = try targets.map { target in
      try Problem(
        index: example.index, input: example.input, label: source, threat: threat,
        goal: goal(target), earlyStopping: false)
    }
    let line = observer.begin(title, of: problems.count, "classes")
    defer { line.finish() }
    let runner = AttackRunner(model: model, batch: asked.batch, seed: asked.seed) { split in
      observer.note("\(Setting.batch) is \(asked.batch): \(split)")
    }
    let outcomes = try await runner.run(attack, on: problems) { done, _ in line.show(done) }
    if let failure = outcomes.compactMap(\.failure).first {
      throw StudyError("\(subject.name), \(title): \(failure)")
    }
    return outcomes
  }

  /// What the network makes of a change and of what is beside it.
  private func change(
    _ found: AdversarialExample?, to target: Int
  ) async throws -> Morph.Change? {
    guard let found else { return nil }
    let move = found.input - example.input
    let key = RandomKey(seed: asked.seed).child("morph").child(example.index).child(target)
    var noise: [ControlNoise] = []
    for (norm, size) in [(Norm.two, move.norm2), (.infinity, move.normInfinity)] where size > 0 {
      let threat = try data.threat(
        ThreatReference("\(norm.rawValue):\(size)"), for: subject.input)
      noise.append(
        try await ControlNoise(
          within: threat, norm, size: size, around: example.input, label: source, target: target,
          draws: asked.draws, key: key, by: model))
    }
    let ranking = try await model.ranking(of: found.input)
    return Morph.Change(
      input: found.input, attack: found.attack, length: move.norm2, largest: move.normInfinity,
      probability: ranking.probability(of: target) ?? 0,
      path: try await MorphPath(
        from: example.input, to: found.input, count: MorphResult.steps, source: source,
        target: target, by: model),
      noise: noise)
  }
}
