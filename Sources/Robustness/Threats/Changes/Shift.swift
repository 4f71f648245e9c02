public import Tensors

/// A shift of a picture by at most so many pixels down or up, and as many to the right or left.
///
/// z holds the pixels down and the pixels to the right, whole or not. Pixels are read bilinearly; what comes into
/// sight is black (the lower bound).
///
/// Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the landscape of spatial robustness", 2019,
/// https://arxiv.org/abs/1712.02779.
public struct Shift: InputChange, AffineChange, Hashable {
  /// The largest shift along either axis, in pixels.
  public let pixels: Double
  /// The values that each coordinate may take.
  public let bounds: Bounds

  /// Creates a shift.
  ///
  /// - Throws: `ThreatError.size` unless the number of pixels is in 0...10000.
  public init(pixels: Double, bounds: Bounds = .unit) throws(ThreatError) {
    guard pixels >= 0, pixels <= 10_000 else {
      throw .size("shift", pixels, expected: 0...10_000)
    }
    self.pixels = pixels
    self.bounds = bounds
  }

  /// The shifts, two numbers.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    return BoxRegion(parameters: [2], in: -pixels...pixels)
  }

  /// The text form, such as `shift:3.0`.
  public var description: String { "shift:\(pixels)" }

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

  var parameterCount: Int { 2 }

  func map<Scalar: TensorScalar>(_ z: [Scalar]) -> PlaneMap<Scalar> {
    PlaneMap(rowRow: 1, rowColumn: 0, row: -z[0], columnRow: 0, columnColumn: 1, column: -z[1])
  }

  func derivatives<Scalar: TensorScalar>(_ z: [Scalar]) -> [PlaneMap<Scalar>] {
    [
      PlaneMap(rowRow: 0, rowColumn: 0, row: -1, columnRow: 0, columnColumn: 0, column: 0),
      PlaneMap(rowRow: 0, rowColumn: 0, row: 0, columnRow: 0, columnColumn: 0, column: -1),
    ]
  }
}
