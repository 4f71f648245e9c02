import Files
public import Tensors

/// A turn of the hue of an RGB picture by at most so many degrees; value and saturation (HSV) stay.
///
/// z is the turn in degrees: 120 turns red into green. So every colour stays within the bounds.
///
/// Hosseini and Poovendran, "Semantic adversarial examples", 2018, https://arxiv.org/abs/1804.00499.
public struct Hue: ParametricThreat, Hashable {
  /// The largest turn, in degrees.
  public let degrees: Double
  /// The values that each coordinate may take; the first coordinate's are black and white for all.
  public let bounds: InputBounds

  /// Creates a turn of the hue.
  ///
  /// - Throws: `ThreatError.size` unless the turn is in 0...180.
  public init(degrees: Double, bounds: InputBounds = .unit) throws(ThreatError) {
    guard degrees >= 0, degrees <= 180 else { throw .size("hue", degrees, expected: 0...180) }
    self.degrees = degrees
    self.bounds = bounds
  }

  /// The turns.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    return BoxRegion(parameters: [1], in: -degrees...degrees)
  }

  /// Any turn.
  public var withoutLimit: (any ThreatModel)? { try? Hue(degrees: 180, bounds: bounds) }

  /// Makes sure that the example is an RGB picture within the bounds.
  public func check(_ x: Tensor<Float>) throws { try checkPicture(x, channels: 3) }

  /// The text form, such as `hue:30`.
  public var description: String { "hue:\(degrees.plain)" }

  /// The changed input.
  public func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    if z[0] == 0 { return x }
    let size = x.count / 3
    return Tensor(shape: x.shape) { target in
      for place in 0..<size {
        let colour = turned(x, size, place, by: z[0])
        for channel in 0..<3 { target[channel * size + place] = colour[channel].value }
      }
    }
  }

  /// The gradients with respect to z and the input.
  public func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    let size = x.count / 3
    var sum: Scalar = 0
    var input = Tensor<Scalar>.zeros(x.shape)
    for place in 0..<size {
      let colour = turned(x, size, place, by: z[0])
      for channel in 0..<3 {
        let slope = gradient[channel * size + place]
        sum += slope * colour[channel].turn
        input[place] += slope * colour[channel].red
        input[size + place] += slope * colour[channel].green
        input[2 * size + place] += slope * colour[channel].blue
      }
    }
    return (Tensor([sum], shape: z.shape), needsInput ? input : nil)
  }

  /// The colour of a place after the turn, with its derivatives.
  private func turned<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ size: Int, _ place: Int, by degrees: Scalar
  ) -> [Shade<Scalar>] {
    let black = Scalar(bounds.range(at: 0).lowerBound)
    let red = Shade(x[place] - black, red: 1)
    let green = Shade(x[size + place] - black, green: 1)
    let blue = Shade(x[2 * size + place] - black, blue: 1)
    let value = max(red, max(green, blue))
    let chroma = value - min(red, min(green, blue))
    guard chroma.value > 0 else {
      return [red, green, blue].map { $0 + Shade(black) }
    }
    // The hue in sixths of the circle.
    let hue: Shade<Scalar> =
      if value.value == red.value {
        (green - blue) / chroma
      } else if value.value == green.value {
        (blue - red) / chroma + Shade(2)
      } else {
        (red - green) / chroma + Shade(4)
      }
    let turn = hue + Shade(degrees / 60, turn: 1 / Scalar(60))
    return [Scalar(5), 3, 1].map { offset in
      let place = turn + Shade(offset)
      let circles = (place.value / 6).rounded(.down)
      let sixth = place - Shade(6 * circles)
      let share = max(Shade(0), min(Shade(1), min(sixth, Shade(4) - sixth)))
      return value - chroma * share + Shade(black)
    }
  }
}

/// A number with its derivatives with respect to a colour and a turn of it.
private struct Shade<Scalar: TensorScalar>: Comparable {
  var value: Scalar
  var (red, green, blue, turn): (Scalar, Scalar, Scalar, Scalar)

  init(
    _ value: Scalar, red: Scalar = 0, green: Scalar = 0, blue: Scalar = 0, turn: Scalar = 0
  ) {
    self.value = value
    (self.red, self.green, self.blue, self.turn) = (red, green, blue, turn)
  }

  private func combined(
    _ value: Scalar, _ other: Shade, _ own: Scalar, _ others: Scalar
  ) -> Shade {
    Shade(
      value, red: own * red + others * other.red, green: own * green + others * other.green,
      blue: own * blue + others * other.blue, turn: own * turn + others * other.turn)
  }

  static func < (left: Shade, right: Shade) -> Bool { left.value < right.value }
  static func + (left: Shade, right: Shade) -> Shade {
    left.combined(left.value + right.value, right, 1, 1)
  }
  static func - (left: Shade, right: Shade) -> Shade {
    left.combined(left.value - right.value, right, 1, -1)
  }
  static func * (left: Shade, right: Shade) -> Shade {
    left.combined(left.value * right.value, right, right.value, left.value)
  }
  static func / (left: Shade, right: Shade) -> Shade {
    let ratio = left.value / right.value
    return left.combined(ratio, right, 1 / right.value, -ratio / right.value)
  }
}
