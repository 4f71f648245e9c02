import Tensors

// The few loops that run once per query, over all values of an input.

extension Tensor where Scalar == Float {
  /// self + length * direction.
  func advanced(by length: Float, along direction: Tensor) -> Tensor {
    binary(direction) { $0 + length * $1 }
  }

  /// self + share * (point - self).
  func advanced(by share: Float, toward point: Tensor) -> Tensor {
    binary(point) { $0 + share * ($1 - $0) }
  }

  /// The point next to `point` whose coordinates differ from these by at most `radius`.
  func limited(to radius: Float, toward point: Tensor) -> Tensor {
    binary(point) { value, aim in
      let most = value + radius
      let least = value - radius
      // As minima and maxima, without branches.
      let lowered = aim < most ? aim : most
      return lowered > least ? lowered : least
    }
  }

  @inline(__always)
  private func binary(_ other: Tensor, _ combine: (Float, Float) -> Float) -> Tensor {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    return withUnsafeScalars { left in
      other.withUnsafeScalars { right in
        Tensor(shape: shape) { target in
          for index in 0..<target.count { target[index] = combine(left[index], right[index]) }
        }
      }
    }
  }
}

extension [Float] {
  /// self += factor * (point - start).
  mutating func add(_ point: Tensor<Float>, minus start: Tensor<Float>, times factor: Float) {
    precondition(point.count == count && start.count == count, "shapes differ")
    withUnsafeMutableBufferPointer { target in
      point.withUnsafeScalars { point in
        start.withUnsafeScalars { start in
          for index in 0..<target.count { target[index] += factor * (point[index] - start[index]) }
        }
      }
    }
  }
}

extension Philox {
  /// Independent numbers that are nearly normal with variance 1: centred sums of four bytes.
  ///
  /// Logarithms for exact ones would cost more than a small network's answer, and no search from labels needs tails.
  mutating func noise(_ shape: Shape) -> Tensor<Float> {
    var generator = self
    let noise = Tensor<Float>(shape: shape) { target in
      for index in 0..<target.count {
        let bits = generator.next32()
        // Two sums of two bytes side by side, then one.
        let pairs = (bits & 0x00FF_00FF) &+ ((bits &>> 8) & 0x00FF_00FF)
        let sum = (pairs & 0xFFFF) &+ (pairs &>> 16)
        // The variance of a byte is (256^2 - 1) / 12.
        target[index] = (Float(sum) - 510) * 0.006_765_876
      }
    }
    self = generator
    return noise
  }

  /// A random direction of Euclidean length 1.
  mutating func direction(_ shape: Shape) -> Tensor<Float> {
    let noise = noise(shape)
    return Float(1 / max(noise.norm2, 1e-30)) * noise
  }
}
