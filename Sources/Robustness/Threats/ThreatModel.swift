import Files
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
  var withoutLimit: (any ThreatModel)? { get }

  /// The same rule with changes of other sizes, for searches that come from outside; `nil` where size means nothing.
  ///
  /// - Parameter factor: What the largest size is multiplied by, finite and not negative.
  /// - Returns: The rule.
  func scaled(by factor: Double) -> (any ThreatModel)?

  /// The same rule for an input that is not known beforehand, such as what another threat leaves: its parameters do
  /// not depend on the example.
  var afterAnotherChange: any ThreatModel { get }

  /// The threats of which the adversary may choose one; the threat itself unless it is an `Either`.
  var alternatives: [any ThreatModel] { get }

  /// The input that parameters `z` make of the example `x`.
  func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float>

  /// The gradient with respect to `z`, from the gradient with respect to the input `apply(z, to:
  /// x)`.
  func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float>

  /// The gradient with respect to the example, from the gradient with respect to the input `apply(z, to: x)`.
  func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float>
}

extension ThreatModel {
  /// Asks for the region, and forgets it.
  public func check(_ x: Tensor<Float>) throws { _ = try region(around: x) }

  /// None.
  public var norm: Norm? { nil }

  /// None: the size of the change means nothing.
  public var withoutLimit: (any ThreatModel)? { nil }

  /// None: the size of the change means nothing.
  public func scaled(by factor: Double) -> (any ThreatModel)? { nil }

  /// The parameters themselves, as for every ball.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> { z }

  /// The gradient itself, as for every ball.
  public func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { gradient }

  /// Zero, as for every ball, where z is the input.
  public func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { .zeros(x.shape) }

  /// The rule itself.
  public var afterAnotherChange: any ThreatModel { self }

  /// The threat itself.
  public var alternatives: [any ThreatModel] { [self] }
}

/// What a threat gives for an example that was checked when its problem was made; it traps where the threat throws.
func checked<Result>(_ body: () throws -> Result) -> Result {
  do {
    return try body()
  } catch {
    preconditionFailure("the example was checked when its problem was made: \(error)")
  }
}

/// Why a threat cannot be posed.
public enum ThreatError: Error, Hashable, CustomStringConvertible {
  /// A radius that is negative or not finite.
  case radius(Double)
  /// Bounds that are not finite or whose ends are swapped.
  case bounds(coordinate: Int, lower: Float, upper: Float)
  /// Bounds or a mask made for another shape.
  case shape(given: Shape, expected: Shape)
  /// An example outside the bounds of its coordinates, or not a number.
  case outside(coordinate: Int, value: Float, lower: Float, upper: Float)
  /// A threat whose changes have no size, where the nearest change is looked for.
  case unsized(String)
  /// An amount out of the range that makes sense: of what, and what is expected.
  case size(String, Double, expected: ClosedRange<Double>)
  /// An example that is no picture C x H x W, or has not as many channels.
  case picture(threat: String, given: Shape, channels: Int?)
  /// A patch that does not fit the picture.
  case patch(height: Int, width: Int, picture: Shape)
  /// A patch of so small a share of the picture that no pixel is left of it.
  case patchShare(Double, picture: Shape)
  /// A patch that does not lie in the picture whole at its place.
  case patchPlace(String, side: Int, picture: Shape)
  /// A coordinate of an example that is none of the levels inputs are rounded to.
  case level(coordinate: Int, value: Float)

  /// A threat whose amount is no share of each coordinate's range.
  case notRelative(String)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .radius(let radius):
      "the radius of a threat must be a finite number that is not negative, not \(radius)"
    case .bounds(let coordinate, let lower, let upper):
      "the bounds of coordinate \(coordinate), \(lower) and \(upper), are not finite and ordered"
    case .shape(let given, let expected):
      "bounds or a mask of shape \(given) do not fit an example of shape \(expected)"
    case .outside(let coordinate, let value, let lower, let upper):
      "coordinate \(coordinate) of the example is \(value), outside its bounds \(lower)...\(upper)"
    case .unsized(let threat):
      "the threat '\(threat)' has no norm; expected linf, l2, l1 or l0 for an attack that finds the nearest"
        + " adversarial example"
    case .size(let threat, let amount, let expected):
      "the amount of '\(threat)' must be a number from \(expected.lowerBound.plain) to"
        + " \(expected.upperBound.plain), not \(amount.plain)"
    case .picture(let threat, let given, let channels):
      "the threat '\(threat)' changes pictures of \(channels.map { "\($0) channels" } ?? "channels, rows and columns"),"
        + " but the examples have the shape \(given)"
    case .patch(let height, let width, let picture):
      "a patch of \(height) by \(width) pixels does not fit a picture of shape \(picture)"
    case .patchShare(let share, let picture):
      "a patch of the share \(share) has no pixel in a picture of shape \(picture); expected a share of at least"
        + " \(1 / Double(picture[1] * picture[2])), or patch:1px"
    case .patchPlace(let patch, let side, let picture):
      "\(patch) is not inside a picture of shape \(picture); expected a row from 0 to \(picture[1] - side) and a column"
        + " from 0 to \(picture[2] - side)"
    case .notRelative(let threat):
      "'\(threat)' does not scale to columns of different ranges; expected linf, l2, l1 or l0"
    case .level(let coordinate, let value):
      "coordinate \(coordinate) of the example is \(value), which is not one of the quantisation levels; expected an"
        + " example of 8-bit data"
    }
  }
}
