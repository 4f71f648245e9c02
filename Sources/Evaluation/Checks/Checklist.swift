public import Diagnosis
import Models
public import Robustness
import Settings
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
    let areProbabilities = findings?.contains { $0.kind == .probabilities } ?? false
    var checks = try await gradients(shell, saturating: areProbabilities)
    checks.append(try await blackBox(shell))
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

  private func blackBox(_ shell: Shell) async throws -> Check {
    let white = whiteBox
    let blind = suite.members.drop { $0.knowledge < .gradients }.filter { !white.contains($0.name) }
    guard !white.isEmpty, !blind.isEmpty else {
      return Check(
        .blackBox, .unknown,
        "needs attacks with gradients, and then one without; see \(Setting.attacks)")
    }
    let names = Set(blind.map(\.name))
    let count = evaluation.verdicts.count { $0.isRight && names.contains($0.witness?.attack ?? "") }
    let total = evaluation.verdicts.count
    let isMany = count >= 2 && Double(count) > 0.002 * Double(total)
    let missed = isMany ? sample.filter { names.contains($0.verdict.witness?.attack ?? "") } : []
    let later = try await broken(missed, byMore: shell)
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

  /// Probabilities near 0 and 1 stay the same in single precision where the network does not.
  private func gradients(_ shell: Shell, saturating: Bool) async throws -> [Check] {
    let kinds: [Check.Kind] = [.zeroGradients, .misleadingGradients]
    guard shell.model.knowledge >= .gradients else {
      return kinds.map { Check($0, .unknown, "the model reveals no gradients") }
    }
    guard !sample.isEmpty, (try? sample[0].problem.region.radius) ?? 0 > 0 else {
      return kinds.map {
        Check($0, .unknown, "no example is right as it is, or nothing may change")
      }
    }
    let probe = GradientProbe(domain: try sample[0].unbounded.region.radius)
    _ = try await shell.run(probe, on: sample.map(\.smooth))
    let readings = probe.readings
    // What nothing changes and nothing broke has no gradient to be hidden, and neither has a model that gives one
    // class to all.
    let broken = Set(sample.filter { $0.verdict.witness != nil }.map(\.problem.index))
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
          "a small step along the gradient, a twentieth of the radius at most, gains less than a tenth of what the gradient "
            + "promises at \(misled) of \(clear.count) points",
          advice: "gradients are shattered or wrong: attack a smooth stand-in (BPDA, EOT)"))
    return checks
  }
}
