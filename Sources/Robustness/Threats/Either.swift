public import Tensors

/// A choice of the adversary between threats: `linf:0.3|l2:2`.
///
/// The shell runs an attack on each alternative in turn until one is broken, and trains on the worst (the "max"
/// strategy of Tramèr and Boneh, "Adversarial training and robustness for multiple perturbations", 2019,
/// https://arxiv.org/abs/1904.13000). Asked as a threat itself, it is its first alternative.
public struct Either: ThreatModel {
  /// The threats, in the order in which they are tried.
  public let alternatives: [any ThreatModel]

  /// Creates a choice of two threats or more.
  public init(_ threats: [any ThreatModel]) {
    precondition(threats.count > 1, "a choice of \(threats.count) threats")
    alternatives = threats.flatMap(\.alternatives)
  }

  /// The region of the first alternative.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try alternatives[0].region(around: x)
  }

  /// Makes sure that the example fits every alternative.
  public func check(_ x: Tensor<Float>) throws {
    for threat in alternatives { try threat.check(x) }
  }

  /// The text form, joined by |.
  public var description: String { alternatives.map { "\($0)" }.joined(separator: "|") }

  /// The input of the first alternative.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    alternatives[0].apply(z, to: x)
  }

  /// The gradient of the first alternative.
  public func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { alternatives[0].pullback(gradient, at: z, of: x) }
}
