public import Tensors

/// Why two inputs cannot be compared as pictures.
public enum PerceptionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An input that is no picture of one or three channels, rows and columns.
  case picture(Shape)
  /// Pictures of two sizes.
  case shapes(Shape, Shape)
  /// A value that is outside 0...1, or not a number.
  case value(Float, coordinate: Int)
  /// A picture whose shorter side is less than a measure needs.
  case side(measure: String, side: Int, least: Int)

  /// One line that says what was given and what is expected.
  public var description: String {
    switch self {
    case .picture(let shape):
      "inputs of shape \(shape) are no pictures; expected 1 or 3 channels, rows and columns"
    case .shapes(let first, let second):
      "pictures of the shapes \(first) and \(second) cannot be compared; expected one shape"
    case .value(let value, let coordinate):
      "value \(coordinate) of a picture is \(value); expected 0 to 1"
    case .side(let measure, let side, let least):
      "\(measure) needs pictures of at least \(least) by \(least) pixels; a side has \(side)"
    }
  }
}
