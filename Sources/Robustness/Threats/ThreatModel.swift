public import Tensors

/// A rule that says which inputs an adversary may put in the place of an example.
///
/// The adversary chooses parameters z in a set around the example x; `apply` turns them into the
/// input x' that the model sees. For a ball z is x' itself, which is what the defaults say.
public protocol ThreatModel: Sendable, CustomStringConvertible {
  /// The parameters open to the adversary at one example.
  ///
  /// - Parameter x: The example.
  /// - Returns: The set of z, whose center stands for x itself.
  /// - Throws: `ThreatError` if the example does not fit the threat, such as a value out of bounds.
  func region(around x: Tensor<Float>) throws -> any FeasibleSet

  /// Makes sure that an example fits the threat, for less than the price of its region.
  ///
  /// - Throws: What `region(around:)` would throw.
  func check(_ x: Tensor<Float>) throws

  /// The norm that measures the change of z; `nil` where there is none.
  var norm: Norm? { get }

  /// The same rule without a limit on the size of the change, for searches of the smallest one; `nil` where size
  /// means nothing.
  var unlimited: (any ThreatModel)? { get }

  /// The same rule with changes of other sizes, for searches that come from outside; `nil` where size means nothing.
  ///
  /// - Parameter factor: What the largest size is multiplied by, finite and not negative.
  /// - Returns: The rule.
  func scaled(by factor: Double) -> (any ThreatModel)?

  /// The input that parameters `z` make of the example `x`.
  func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float>

  /// The gradient with respect to `z`, from the gradient with respect to the input `apply(z, to:
  /// x)`.
  func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float>
}

extension ThreatModel {
  /// Asks for the region, and forgets it.
  public func check(_ x: Tensor<Float>) throws { _ = try region(around: x) }

  /// None.
  public var norm: Norm? { nil }

  /// None: the size of the change means nothing.
  public var unlimited: (any ThreatModel)? { nil }

  /// None: the size of the change means nothing.
  public func scaled(by factor: Double) -> (any ThreatModel)? { nil }

  /// The parameters themselves, as for every ball.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> { z }

  /// The gradient itself, as for every ball.
  public func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { gradient }
}
