public import Tensors

/// The norm that measures a perturbation.
public enum Norm: String, Sendable, Hashable, Codable, CaseIterable {
  /// The largest magnitude.
  case infinity = "linf"
  /// The Euclidean length.
  case two = "l2"
  /// The sum of magnitudes.
  case one = "l1"
  /// The number of pixels that differ: places of a C x H x W example, whatever the channel; single values of other
  /// examples.
  case zero = "l0"
}

extension Norm {
  /// The norm of the slopes that a step of unit length in this one follows; for L0, which is none, that of L1.
  public var dual: Norm {
    switch self {
    case .infinity: .one
    case .two: .two
    case .one, .zero: .infinity
    }
  }

  /// The size of a perturbation, in double precision.
  public func size(of values: Tensor<Float>) -> Double {
    switch self {
    case .infinity: return values.normInfinity
    case .two: return values.norm2
    case .one: return values.norm1
    case .zero:
      let pixels = values.shape.pixelCount
      let changed = values.scalars.indices.lazy.filter { values[$0] != 0 }.map { $0 % pixels }
      return Double(Set(changed).count)
    }
  }

  /// The size of so many values of magnitude 1.
  public func size(ofOnes count: Int) -> Double {
    switch self {
    case .infinity: 1
    case .two: Double(count).squareRoot()
    case .one, .zero: Double(count)
    }
  }

  /// Random numbers of a size: uniform in a box for L-infinity, normal for other norms, scaled.
  public func noise(
    ofSize size: Double, _ shape: Shape, using randomness: inout Philox
  ) -> Tensor<Float> {
    let noise =
      self == .infinity
      ? randomness.uniforms(shape).map { 2 * $0 - 1 } : randomness.normals(shape)
    let length = self.size(of: noise)
    return (length > 0 ? Float(size / length) : 0) * noise
  }
}
