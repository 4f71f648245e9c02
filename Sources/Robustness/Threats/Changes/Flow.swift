import Files
public import Tensors

/// A displacement of every pixel of a picture by at most so many pixels down or up, and as many to the right or left.
///
/// z is 2 x H x W: how far down and how far to the right each place of the result is read. The picture is continued
/// by its edge. The set is a box; a smooth field is asked of the attack (`stadv`).
///
/// Xiao, Zhu, Li, He, Liu and Song, "Spatially transformed adversarial examples", 2018,
/// https://arxiv.org/abs/1801.02612.
public struct Flow: ParametricThreat, Hashable {
  /// The largest displacement along either axis, in pixels.
  public let pixels: Double
  /// The values that each coordinate may take.
  public let bounds: InputBounds

  /// Creates a flow.
  ///
  /// - Throws: `ThreatError.size` unless the number of pixels is in 0...10000.
  public init(pixels: Double, bounds: InputBounds = .unit) throws(ThreatError) {
    guard pixels >= 0, pixels <= 10_000 else { throw .size("flow", pixels, expected: 0...10_000) }
    self.pixels = pixels
    self.bounds = bounds
  }

  /// The displacements.
  public func region(around x: Tensor<Float>) throws -> any FeasibleSet {
    try check(x)
    return BoxRegion(parameters: [2, x.shape[1], x.shape[2]], in: -pixels...pixels)
  }

  /// Makes sure that the example is a picture within the bounds.
  public func check(_ x: Tensor<Float>) throws { try checkPicture(x) }

  /// The text form, such as `flow:0.5`.
  public var description: String { "flow:\(pixels.plain)" }

  /// The changed input.
  public func changed<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, by z: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    Warp(x.shape, outside: .nearest).apply(positions(z), to: x)
  }

  /// The gradients with respect to z and the input.
  public func gradients<Scalar: TensorScalar>(
    _ gradient: Tensor<Scalar>, at z: Tensor<Scalar>, of x: Tensor<Scalar>, needsInput: Bool
  ) -> (z: Tensor<Scalar>, input: Tensor<Scalar>?) {
    let warp = Warp(x.shape, outside: .nearest)
    let positions = positions(z)
    let slopes = warp.positionPullback(gradient, at: positions, of: x)
    let size = z.count / 2
    let planes = Tensor<Scalar>(shape: z.shape) { target in
      for place in 0..<size {
        target[place] = slopes[2 * place]
        target[size + place] = slopes[2 * place + 1]
      }
    }
    return (planes, needsInput ? warp.inputPullback(gradient, at: positions) : nil)
  }

  private func positions<Scalar: TensorScalar>(_ z: Tensor<Scalar>) -> [Scalar] {
    let (width, size) = (z.shape[2], z.count / 2)
    var positions = [Scalar](repeating: 0, count: z.count)
    z.withUnsafeScalars { z in
      for place in 0..<size {
        positions[2 * place] = Scalar(place / width) + z[place]
        positions[2 * place + 1] = Scalar(place % width) + z[size + place]
      }
    }
    return positions
  }
}
