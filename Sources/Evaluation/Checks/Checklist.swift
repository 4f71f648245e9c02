import Attacks
public import Diagnosis
import Engine
import Models
public import Robustness
import Settings
import Tensors

/// The published checks of an evaluation, as far as they can be computed: on the evaluation itself, and on a sample.
///
///     let checks = try await Checklist(evaluation, suite: suite, norm: .infinity, sample: sample)
///       .perform(on: runner, findings: diagnosis.findings)
///
/// Cost: on each example of the sample about as much as a tenth of the standard evaluation of one that survives.
public struct Checklist: Sendable {
  /// An example of the sample.
  public struct Specimen: Sendable {
    /// What the evaluation said of it.
    public let record: ExampleRecord
    /// What was asked about it.
    public let problem: Problem
    /// The same without levels to which inputs are rounded: gradients say nothing of steps below them.
    public let smooth: Problem
    /// The same with a threat without a limit on size: the radius is that of the whole domain.
    public let unbounded: Problem

    /// Creates a specimen.
    ///
    /// - Parameters:
    ///   - record: What the evaluation said of it.
    ///   - problem: What was asked about it.
    ///   - smooth: The same without levels; `nil` if it has none.
    ///   - unbounded: The same without a limit on size.
    public init(
      record: ExampleRecord, problem: Problem, smooth: Problem? = nil, unbounded: Problem
    ) {
      self.record = record
      self.problem = problem
      self.smooth = smooth ?? problem
      self.unbounded = unbounded
    }
  }

  /// The number of examples that are worth looking at.
  public static let sampleCount = 100

  let evaluation: Evaluation
  let suite: Suite
  let norm: Norm
  let sample: [Specimen]

  /// Creates a checklist.
  ///
  /// - Parameters:
  ///   - evaluation: What the attacks came to.
  ///   - suite: The attacks.
  ///   - norm: The norm of the threat.
  ///   - sample: Some of the examples that are classified correctly; see `sampleCount`.
  public init(_ evaluation: Evaluation, suite: Suite, norm: Norm, sample: [Specimen]) {
    self.evaluation = evaluation
    self.suite = suite
    self.norm = norm
    self.sample = sample
  }

  /// Goes through the list.
  ///
  /// - Parameters:
  ///   - runner: The runner that made the evaluation.
  ///   - findings: What the diagnosis of the model found, for outputs that are random or no logits; `nil` if it was
  ///     not diagnosed.
  /// - Returns: A check of each kind, in the order of the kinds.
  /// - Throws: What the runner and the model throw.
  public func perform(on runner: AttackRunner, findings: [Finding]?) async throws -> [Check] {
    let areProbabilities = findings?.contains { $0.kind == .probabilities } ?? false
    var checks = try await gradients(runner, saturating: areProbabilities)
    checks.append(try await blackBox(runner))
    checks += try await probes(runner)
    checks.append(finding(.unsteady, .randomized, findings))
    checks.append(finding(.probabilities, .probabilities, findings))
    checks.append(try await inference(runner.model))
    return Check.Kind.allCases.compactMap { kind in checks.first { $0.kind == kind } }
  }

  // MARK: - What the evaluation says

  /// The stages that use gradients.
  var whiteBox: Set<String> {
    Set(suite.members.filter { $0.knowledge >= .gradients }.map(\.name))
  }

  private func blackBox(_ runner: AttackRunner) async throws -> Check {
    let white = whiteBox
    let blind = suite.members.drop { $0.knowledge < .gradients }.filter { !white.contains($0.name) }
    guard !white.isEmpty, !blind.isEmpty else {
      return Check(
        .blackBox, .unknown,
        "needs attacks with gradients, and then one without; see \(Setting.attacks)")
    }
    let names = Set(blind.map(\.name))
    let count = evaluation.records.count {
      $0.isRight && names.contains($0.adversarialExample?.attack ?? "")
    }
    let total = evaluation.records.count
    let isMany = count >= 2 && Double(count) > 0.002 * Double(total)
    let missed =
      isMany ? sample.filter { names.contains($0.record.adversarialExample?.attack ?? "") } : []
    let later = try await broken(missed, byMore: runner)
    return Check(
      .blackBox,
      if: isMany && (missed.isEmpty || 2 * later < missed.count),
      "\(names.sorted().joined(separator: ", ")) broke \(count) of \(total) examples that attacks with gradients "
        + "did not" + Checklist.words(later, of: missed.count),
      advice:
        "gradients are masked: the true accuracy may be far lower; attack with BPDA or a surrogate"
    )
  }

  private func finding(
    _ kind: Finding.Kind, _ check: Check.Kind, _ findings: [Finding]?
  ) -> Check {
    guard let findings else {
      return Check(check, .unknown, "a remote model is not diagnosed")
    }
    if let found = findings.first(where: { $0.kind == kind }) {
      let advice =
        check == .randomized
        ? "attack the expectation over the randomness (EOT), and judge by many draws"
        : found.mend
      return Check(check, .suspicious, found.evidence, advice: advice)
    }
    return Check(
      check, .clear,
      check == .randomized
        ? "the outputs of examples are the same in a second call"
        : "the outputs are not probabilities")
  }

  // MARK: - Gradients

  /// Probabilities near 0 and 1 stay the same in single precision where the network does not.
  private func gradients(_ runner: AttackRunner, saturating: Bool) async throws -> [Check] {
    let kinds: [Check.Kind] = [.zeroGradients, .misleadingGradients]
    guard runner.model.knowledge >= .gradients else {
      return kinds.map { Check($0, .unknown, "the model reveals no gradients") }
    }
    guard !sample.isEmpty, (try? sample[0].problem.region.radius) ?? 0 > 0 else {
      return kinds.map {
        Check($0, .unknown, "no example is right as it is, or nothing may change")
      }
    }
    let probe = GradientProbe(domain: try sample[0].unbounded.region.radius)
    _ = try await runner.run(probe, on: sample.map(\.smooth))
    let readings = probe.readings
    // What nothing changes and nothing broke has no gradient to be hidden, and neither has a model that gives one
    // class to all.
    let broken = Set(sample.filter { $0.record.adversarialExample != nil }.map(\.problem.index))
    let isOpen = known.count > 1
    let hiding = readings.filter {
      isOpen && (saturating || !$0.isFlat || broken.contains($0.index))
    }
    let zeros = hiding.count { $0.isZero }
    let faint = hiding.count { !$0.isZero && $0.hasRoom && !($0.reach > 1e-3) }
    let flat = readings.count - hiding.count
    // Differences of outputs that rounding alone could bring about say nothing.
    let clear = readings.filter { !$0.isZero && $0.hasRoom && $0.promised > 1e-5 * $0.scale }
    let misled = clear.count { !($0.gained > 0.1 * $0.promised) }
    var checks = [
      Check(
        .zeroGradients, if: zeros + faint > readings.count / 10,
        "the gradient is zero at \(zeros) of \(readings.count) points, and too small to change the outputs at \(faint)"
          + (flat == 0
            ? ""
            : isOpen
              ? "; at \(flat) more nothing that was tried changes the outputs"
              : "; no input is known that the model takes for another class"),
        advice:
          "gradients vanish: take the network before its softmax or rounding (margin loss, BPDA)")
    ]
    checks.append(
      clear.count < 10
        ? Check(.misleadingGradients, .unknown, "too few gradients are not zero")
        : Check(
          .misleadingGradients, if: misled > clear.count / 4,
          "at \(misled) of \(clear.count) points, a small step along the gradient (at most 1/20 of the radius) gains"
            + " less than 1/10 of the predicted increase",
          advice: "gradients are shattered or wrong: attack a smooth stand-in (BPDA, EOT)"))
    return checks
  }

  /// An attack with gradients and many starts: as many passes as attacks without gradients have.
  ///
  /// A search from one start ends in a local maximum, of which sound models have some too, while chance sees all of
  /// few features. A masked gradient does not lead there from any start.
  static let manyStarts = [
    Stage(
      APGD {
        $0.loss = .margin
        $0.restarts = 20
      }, named: "apgd-margin")
  ]

  /// How many of some examples break by gradients after all, from many starts.
  func broken(_ specimens: [Specimen], byMore runner: AttackRunner) async throws -> Int {
    guard !specimens.isEmpty, norm != .zero, runner.model.knowledge >= .gradients else { return 0 }
    return try await runner.run(Checklist.manyStarts, on: specimens.map(\.problem))
      .count { $0.adversarialExample != nil }
  }

  /// The same in words, if any were tried.
  static func words(_ later: Int, of tried: Int) -> String {
    tried == 0
      ? "" : "; from 20 starts gradients break \(later) of the \(tried) that were tried again"
  }

  /// The classes that the model is known to give to some input.
  var known: Set<Int> {
    Set(
      evaluation.records.flatMap { [$0.prediction, $0.adversarialExample?.prediction] }.compactMap {
        $0
      })
  }

  /// A forward pass that optimises costs as much as one with a gradient that does not see the optimisation.
  func inference(_ model: any BatchedModel) async throws -> Check {
    guard model.knowledge >= .gradients, let first = sample.first else {
      return Check(
        .inference, .unknown, "needs the time of a forward pass and of a gradient")
    }
    // The time of a small network is that of starting it.
    if model is CompiledNetwork {
      return Check(
        .inference, .clear, "the network is a graph without loops, and its gradient sees all of it")
    }
    let count = min(16, sample.count)
    let rows = Tensor.stacking(
      (0..<count).map {
        sample[$0].problem.threat.apply(sample[$0].problem.input, to: first.problem.input)
      })
    let (forward, gradient) = try await EngineThread.shared.run {
      try Checklist.times(of: model, rows)
    }
    let ratio = gradient / max(forward, 1e-12)
    let text = (100 * ratio).rounded() / 100
    return Check(
      .inference, if: ratio < 1.1 && forward > 1e-5,
      "a forward and backward pass take \(text) times as long as the forward pass alone; without hidden loops,"
        + " expected 1.3 or more",
      advice:
        "the forward pass does work that the gradient misses, such as an optimisation: attack the whole model"
    )
  }

  /// The least seconds of a forward pass and of one with a gradient.
  private static func times(
    of model: any BatchedModel, _ rows: Tensor<Float>
  ) throws -> (forward: Double, gradient: Double) {
    func seconds(_ body: () throws -> Void) rethrows -> Double {
      let start = ContinuousClock.now
      try body()
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      return Double(seconds) + Double(attoseconds) * 1e-18
    }
    var (forward, gradient) = (Double.infinity, Double.infinity)
    let cotangents = Tensor<Float>(shape: [rows.shape[0], model.outputCount]) {
      for index in $0.indices { $0[index] = index % 2 == 0 ? 1 : -1 }
    }
    // In turns, so that both meet the same moments of a busy machine.
    for _ in 0..<6 {
      forward = min(forward, try seconds { _ = try model.evaluate(rows) })
      gradient = min(
        gradient, try seconds { _ = try model.differentiate(rows) { _ in cotangents } })
    }
    return (forward, gradient)
  }
}

/// One item of the checklist of evaluations: what was measured, and whether it is suspicious.
///
/// Carlini et al., "On evaluating adversarial robustness", 2019, https://arxiv.org/abs/1902.06705; Athalye, Carlini and
/// Wagner, "Obfuscated gradients give a false sense of security", 2018, https://arxiv.org/abs/1802.00420; the flags of
/// Croce and Hein's AutoAttack.
public struct Check: Sendable, Hashable, Codable {
  /// What is looked at, by the names that results give them.
  public enum Kind: String, CaseIterable, Codable, Sendable {
    /// Gradients that are zero.
    case zeroGradients = "zero-gradients"
    /// Gradients that do not say how the outputs change.
    case misleadingGradients = "misleading-gradients"
    /// An attack that sees outputs only does better than one that sees gradients.
    case blackBox = "black-box-better"
    /// One step does better than many.
    case singleStep = "single-step-better"
    /// More steps and another attempt still break examples.
    case notConverged = "not-converged"
    /// Changes of any size do not bring the accuracy down.
    case unbounded = "unbounded-fails"
    /// Noise breaks examples.
    case noise = "noise-succeeds"
    /// Outputs that change from call to call.
    case randomized = "randomized"
    /// Probabilities instead of logits.
    case probabilities
    /// A forward pass that costs far more than its gradient accounts for.
    case inference = "optimises-at-inference"
  }

  /// What a check came to.
  public enum Status: String, Codable, Sendable {
    /// Nothing suspicious.
    case clear
    /// The accuracy under attack may well be wrong.
    case suspicious
    /// It could not be computed here.
    case unknown
  }

  /// What was looked at.
  public let kind: Kind
  /// What it came to.
  public let status: Status
  /// What was measured, or why nothing was.
  public let evidence: String
  /// What to do about it; empty unless suspicious.
  public let advice: String

  /// Creates a check.
  public init(_ kind: Kind, _ status: Status, _ evidence: String, advice: String = "") {
    self.kind = kind
    self.status = status
    self.evidence = evidence
    self.advice = advice
  }

  init(_ kind: Kind, if isSuspicious: Bool, _ evidence: String, advice: String) {
    self.init(
      kind, isSuspicious ? .suspicious : .clear, evidence, advice: isSuspicious ? advice : "")
  }
}
