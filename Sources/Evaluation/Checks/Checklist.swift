public import Diagnosis
import Engine
public import Robustness
import Tensors

/// The published checks of an evaluation, as far as they can be computed: on the evaluation itself, and on a sample.
///
///     let checks = try await Checklist(evaluation, suite: suite, norm: .infinity, sample: sample)
///       .perform(on: shell, findings: examination.findings)
///
/// Cost: on each example of the sample about as much as a tenth of the standard evaluation of one that survives.
public struct Checklist: Sendable {
  /// An example of the sample.
  public struct Specimen: Sendable {
    /// What the evaluation said of it.
    public let verdict: Verdict
    /// What was asked about it.
    public let problem: Problem
    /// The same without levels to which inputs are rounded: gradients say nothing of steps below them.
    public let smooth: Problem
    /// The same with a threat without a limit on size: the radius is that of the whole domain.
    public let unbounded: Problem

    /// Creates a specimen.
    ///
    /// - Parameters:
    ///   - verdict: What the evaluation said of it.
    ///   - problem: What was asked about it.
    ///   - smooth: The same without levels; `nil` if it has none.
    ///   - unbounded: The same without a limit on size.
    public init(
      verdict: Verdict, problem: Problem, smooth: Problem? = nil, unbounded: Problem
    ) {
      self.verdict = verdict
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
  ///   - sample: Some of the examples that are classified rightly; see `sampleCount`.
  public init(_ evaluation: Evaluation, suite: Suite, norm: Norm, sample: [Specimen]) {
    self.evaluation = evaluation
    self.suite = suite
    self.norm = norm
    self.sample = sample
  }

  /// Goes through the list.
  ///
  /// - Parameters:
  ///   - shell: The shell that made the evaluation.
  ///   - findings: What an examination of the model found, for outputs that are random or no logits; `nil` if it was
  ///     not examined.
  /// - Returns: A check of each kind, in the order of the kinds.
  /// - Throws: What the shell and the model throw.
  public func perform(on shell: Shell, findings: [Finding]?) async throws -> [Check] {
    var checks = try await gradients(shell)
    checks.append(blackBox())
    checks += try await probes(shell)
    checks.append(finding(.unsteady, .randomized, findings))
    checks.append(finding(.probabilities, .probabilities, findings))
    checks.append(try await inference(shell.model))
    return Check.Kind.allCases.compactMap { kind in checks.first { $0.kind == kind } }
  }

  // MARK: - What the evaluation says

  /// The stages that use gradients.
  var whiteBox: Set<String> {
    Set(suite.members.filter { $0.knowledge >= .gradients }.map(\.name))
  }

  private func blackBox() -> Check {
    let white = whiteBox
    let blind = suite.members.drop { $0.knowledge < .gradients }.filter { !white.contains($0.name) }
    guard !white.isEmpty, !blind.isEmpty else {
      return Check(
        .blackBox, .unknown, "needs attacks with gradients, and then one without; see --attacks")
    }
    let names = Set(blind.map(\.name))
    let count = evaluation.verdicts.count { $0.isRight && names.contains($0.witness?.attack ?? "") }
    let total = evaluation.verdicts.count
    return Check(
      .blackBox, if: count >= 2 && Double(count) > 0.002 * Double(total),
      "\(names.sorted().joined(separator: ", ")) broke \(count) of \(total) examples that attacks with gradients "
        + "did not",
      advice:
        "gradients are masked: the true accuracy may be far lower; attack with BPDA or a surrogate"
    )
  }

  private func finding(
    _ kind: Finding.Kind, _ check: Check.Kind, _ findings: [Finding]?
  ) -> Check {
    guard let findings else {
      return Check(check, .unknown, "the model runs elsewhere and was not examined")
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

  private func gradients(_ shell: Shell) async throws -> [Check] {
    let kinds: [Check.Kind] = [.zeroGradients, .misleadingGradients]
    guard shell.model.knowledge >= .gradients else {
      return kinds.map { Check($0, .unknown, "the model reveals no gradients") }
    }
    guard !sample.isEmpty, (try? sample[0].problem.region.radius) ?? 0 > 0 else {
      return kinds.map {
        Check($0, .unknown, "no example is right as it is, or nothing may change")
      }
    }
    let probe = GradientProbe()
    _ = try await shell.run(probe, on: sample.map(\.smooth))
    let readings = probe.readings
    let zeros = readings.count { $0.isZero }
    // Differences of outputs that rounding alone could bring about say nothing.
    let clear = readings.filter { !$0.isZero && $0.promised > 1e-5 * $0.scale }
    let broken = clear.count { !($0.gained > 0.1 * $0.promised) }
    let faint = readings.count - zeros - clear.count
    var checks = [
      Check(
        .zeroGradients, if: zeros + faint > readings.count / 10,
        "the gradient is zero at \(zeros) of \(readings.count) points, and too small to change the outputs at \(faint)",
        advice:
          "gradients vanish: take the network before its softmax or rounding (margin loss, BPDA)")
    ]
    checks.append(
      clear.count < 10
        ? Check(.misleadingGradients, .unknown, "too few gradients are not zero")
        : Check(
          .misleadingGradients, if: broken > clear.count / 4,
          "a step of a twentieth of the radius along the gradient gains less than a tenth of what the gradient "
            + "promises at \(broken) of \(clear.count) points",
          advice: "gradients are shattered or wrong: attack a smooth stand-in (BPDA, EOT)"))
    return checks
  }

  // MARK: - Time

  /// A forward pass that optimises costs as much as one with a gradient that does not see the optimisation.
  private func inference(_ model: any BatchedModel) async throws -> Check {
    guard model.knowledge >= .gradients, let first = sample.first else {
      return Check(
        .inference, .unknown, "needs the time of a forward pass and of a gradient")
    }
    let count = min(16, sample.count)
    let rows = Tensor.stacking(
      (0..<count).map {
        sample[$0].problem.threat.apply(sample[$0].problem.input, to: first.problem.input)
      })
    let (forward, gradient) = try await EngineThread.shared.run {
      try Checklist.times(of: model, rows, count: count)
    }
    let ratio = gradient / max(forward, 1e-12)
    let text = (100 * ratio).rounded() / 100
    return Check(
      .inference, if: ratio < 1.1 && forward > 1e-5,
      "outputs with a gradient take \(text) times as long as outputs alone; a network without loops takes 1.3 or more",
      advice:
        "the forward pass does work that its gradient does not see, such as an optimisation: attack all of it"
    )
  }

  /// The least seconds of a forward pass and of one with a gradient.
  private static func times(
    of model: any BatchedModel, _ rows: Tensor<Float>, count: Int
  ) throws -> (forward: Double, gradient: Double) {
    var outputs = [Float](repeating: 0, count: count * model.outputCount)
    var gradients = [Float](repeating: 0, count: count * model.inputShape.count)
    func least(_ body: () throws -> Void) rethrows -> Double {
      var least = Double.infinity
      for _ in 0..<6 {
        let start = ContinuousClock.now
        try body()
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        least = min(least, Double(seconds) + Double(attoseconds) * 1e-18)
      }
      return least
    }
    return try rows.withUnsafeScalars { rows in
      try outputs.withUnsafeMutableBufferPointer { outputs in
        try gradients.withUnsafeMutableBufferPointer { gradients in
          let forward = try least { try model.evaluate(rows, count: count, outputs: outputs) }
          let gradient = try least {
            try model.differentiate(rows, count: count, outputs: outputs, gradients: gradients) {
              outputs, cotangents in
              for index in cotangents.indices { cotangents[index] = index % 2 == 0 ? 1 : -1 }
            }
          }
          return (forward, gradient)
        }
      }
    }
  }
}
