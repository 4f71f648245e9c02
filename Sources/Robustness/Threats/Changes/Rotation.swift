public import Tensors

/// Rotation of a picture about its middle, counter-clockwise, by at most so many degrees.
///
/// z is the angle in degrees. Pixels are read bilinearly; what comes into sight is black (the lower bound).
///
/// Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the landscape of spatial robustness", 2019,
/// https://arxiv.org/abs/1712.02779.
public struct Rotation: InputChange, AffineChange, Hashable {
  /// The largest angle, in degrees.
  public let degrees: Double
  /// The values that each coordinate may take.
  public let bounds: Bounds

  /// Creates a rotation.
  ///
  /// - Throws: `ThreatError.size` unless the angle is in 0...180.
  public init(degrees: Double, bounds: Bounds = .unit) throws(ThreatError) {
    guard degrees >= 0, degrees <= 180 else { throw .size("rotation", degrees, expected: 0...180) }
    self.degrees = degrees
    self.bounds = bounds
  }

  /// The angles.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    return BoxRegion(parameters: [1], in: -degrees...degrees)
  }

  /// Rotations by any angle.
  public var unlimited: (any ThreatModel)? { try? Rotation(degrees: 180, bounds: bounds) }

  /// The text form, such as `rotation:30.0`.
  public var description: String { "rotation:\(degrees)" }

  /// Makes sure that the example is a picture within the bounds.
  public func check(_ x: Tensor<Float>) throws { try checkPicture(x) }

  /// The changed input.
  public func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> { motion.changed(x, by: z) }

  /// The gradients with respect to z and the input.
  public func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    motion.gradients(gradient, at: z, of: x, needsInput: needsInput)
  }

  var parameterCount: Int { 1 }

  func map<Scalar: TensorScalar>(_ z: [Scalar]) -> PlaneMap<Scalar> {
    let angle = z[0] * Scalar(Double.pi / 180)
    let (sine, cosine) = (Scalar.sin(angle), Scalar.cos(angle))
    return PlaneMap(
      rowRow: cosine, rowColumn: sine, row: 0, columnRow: -sine, columnColumn: cosine, column: 0)
  }

  func derivatives<Scalar: TensorScalar>(_ z: [Scalar]) -> [PlaneMap<Scalar>] {
    let rate = Scalar(Double.pi / 180)
    let (sine, cosine) = (rate * Scalar.sin(z[0] * rate), rate * Scalar.cos(z[0] * rate))
    return [
      PlaneMap(
        rowRow: -sine, rowColumn: cosine, row: 0, columnRow: -cosine, columnColumn: -sine,
        column: 0)
    ]
  }
}
