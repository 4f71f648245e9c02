/// One item of the checklist of evaluations: what was measured, and whether it is suspicious.
///
/// Carlini et al., "On evaluating adversarial robustness", 2019, https://arxiv.org/abs/1902.06705; Athalye, Carlini and
/// Wagner, "Obfuscated gradients give a false sense of security", 2018, https://arxiv.org/abs/1802.00420; the flags of
/// Croce and Hein's AutoAttack.
public struct Check: Sendable, Hashable {
  /// What is looked at, by the names that results give them.
  public enum Kind: String, CaseIterable, Sendable {
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
  public enum Status: String, Sendable {
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
