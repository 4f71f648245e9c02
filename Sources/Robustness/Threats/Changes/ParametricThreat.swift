public import Tensors

/// A threat that changes an input by a differentiable rule with few or many parameters z: not a ball around it.
///
/// Rules are written once for single and double precision, so that their derivatives can be checked. In single
/// precision what they give is clamped to the bounds, which cuts rounding errors only.
public protocol ParametricThreat: ThreatModel {
  /// The values that each coordinate may take.
  var bounds: InputBounds { get }

  /// The changed input.
  func changed<Scalar: TensorScalar>(_ x: Tensor<Scalar>, by z: Tensor<Scalar>) -> Tensor<Scalar>

  /// The gradients with respect to z and, if it is needed, the input, from that with respect to the changed input.
  func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?)
}

extension ParametricThreat {
  /// The changed input, within the bounds.
  public func apply(_ z: Tensor<Float>, to x: Tensor<Float>) -> Tensor<Float> {
    bounds.clamp(changed(x, by: z))
  }

  /// The gradient with respect to z.
  public func pullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> { gradients(gradient, at: z, of: x, needsInput: false).z }

  /// The gradient with respect to the input.
  public func inputPullback(
    _ gradient: Tensor<Float>, at z: Tensor<Float>, of x: Tensor<Float>
  ) -> Tensor<Float> {
    gradients(gradient, at: z, of: x, needsInput: true).input ?? .zeros(x.shape)
  }

  /// Makes sure that the example is a picture, C x H x W, within the bounds.
  func checkPicture(_ x: Tensor<Float>, channels: Int? = nil) throws {
    guard x.shape.rank == 3, x.count > 0, channels.map({ x.shape[0] == $0 }) ?? true else {
      throw ThreatError.picture(threat: "\(self)", given: x.shape, channels: channels)
    }
    try bounds.check(x)
  }
}

extension BoxRegion {
  /// A box of parameters around zero, each within the same limits; ends are rounded inward.
  init(parameters shape: Shape, in limits: ClosedRange<Double>) {
    let lower = BoxRegion.inward(limits.lowerBound)
    let upper = BoxRegion.inward(limits.upperBound)
    self.init(
      center: .zeros(shape), radius: max(-limits.lowerBound, limits.upperBound),
      hull: Box(
        lower: Tensor(repeating: lower, shape: shape), upper: Tensor(repeating: upper, shape: shape)
      ))
  }

  /// The largest `Float` that is not larger in magnitude.
  static func inward(_ value: Double) -> Float {
    let most = Double(Float.greatestFiniteMagnitude)
    let rounded = Float(min(max(value, -most), most))
    if Double(rounded).magnitude <= value.magnitude { return rounded }
    return rounded > 0 ? rounded.nextDown : rounded.nextUp
  }
}
