// Elementwise arithmetic of attack code: short expressions over one example's few thousand values.

extension Tensor {
  /// The values passed through a function.
  @inlinable
  public func map(_ transform: (Scalar) -> Scalar) -> Tensor {
    unsafe withUnsafeScalars { source in
      unsafe Tensor(shape: shape) { target in
        for index in 0..<target.count { unsafe target[index] = transform(source[index]) }
      }
    }
  }

  /// The pairs of values of two tensors of one shape passed through a function.
  @inlinable
  public func zip(_ other: Tensor, _ combine: (Scalar, Scalar) -> Scalar) -> Tensor {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    return unsafe withUnsafeScalars { left in
      unsafe other.withUnsafeScalars { right in
        unsafe Tensor(shape: shape) { target in
          for index in 0..<target.count {
            unsafe target[index] = combine(left[index], right[index])
          }
        }
      }
    }
  }

  /// The elementwise sum.
  @inlinable
  public static func + (left: Tensor, right: Tensor) -> Tensor { left.zip(right) { $0 + $1 } }

  /// The elementwise difference.
  @inlinable
  public static func - (left: Tensor, right: Tensor) -> Tensor { left.zip(right) { $0 - $1 } }

  /// The elementwise product.
  @inlinable
  public static func * (left: Tensor, right: Tensor) -> Tensor { left.zip(right) { $0 * $1 } }

  /// Every value times a factor.
  @inlinable
  public static func * (factor: Scalar, tensor: Tensor) -> Tensor { tensor.map { factor * $0 } }

  /// The position of the largest value; the first of equals; `nil` if empty or any value is NaN.
  public var indexOfMaximum: Int? {
    guard var best = scalars.first.map({ _ in 0 }) else { return nil }
    for (index, value) in scalars.enumerated() {
      if value.isNaN { return nil }
      if value > scalars[best] { best = index }
    }
    return best
  }
}

extension Tensor where Scalar == Float {
  /// The 1-norm, accumulated in double precision.
  public var norm1: Double { scalars.reduce(0) { $0 + Double(abs($1)) } }

  /// The Euclidean norm, accumulated in double precision.
  public var norm2: Double {
    scalars.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// The largest magnitude; NaN if any value is NaN.
  public var normInfinity: Double {
    scalars.reduce(0) { $0.isNaN || Double(abs($1)) <= $0 ? $0 : Double(abs($1)) }
  }
}
