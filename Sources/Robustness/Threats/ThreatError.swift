import Files
public import Tensors

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
      "changes of the threat '\(threat)' have no size; expected linf, l2, l1 or l0 for an attack that looks for"
        + " the nearest change"
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
      "the amount of '\(threat)' is no share of each column's range; expected linf, l2, l1 or l0 where each column"
        + " has a range of its own"
    case .level(let coordinate, let value):
      "coordinate \(coordinate) of the example is \(value), none of the levels that inputs are"
        + " rounded to; expected an example of 8-bit data"
    }
  }
}
