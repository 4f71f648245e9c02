// Arithmetic of attack code: short expressions over one example's few thousand values. All loops run over contiguous
// buffers, in the order of the values.

extension Tensor {
  /// The values passed through a function.
  @inlinable @inline(__always)
  public func map(_ transform: (Scalar) -> Scalar) -> Tensor {
    unsafe withUnsafeScalars { source in
      unsafe Tensor(shape: shape) { target in
        for index in 0..<target.count { unsafe target[index] = transform(source[index]) }
      }
    }
  }

  /// The pairs of values of two tensors of one shape passed through a function.
  @inlinable @inline(__always)
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

  /// The triples of values of three tensors of one shape passed through a function.
  @inlinable @inline(__always)
  public func zip(
    _ second: Tensor, _ third: Tensor, _ combine: (Scalar, Scalar, Scalar) -> Scalar
  ) -> Tensor {
    precondition(shape == second.shape && shape == third.shape, "shapes differ")
    return unsafe withUnsafeScalars { first in
      unsafe second.withUnsafeScalars { second in
        unsafe third.withUnsafeScalars { third in
          unsafe Tensor(shape: shape) { target in
            for index in 0..<target.count {
              unsafe target[index] = combine(first[index], second[index], third[index])
            }
          }
        }
      }
    }
  }

  /// The quadruples of values of four tensors of one shape passed through a function.
  @inlinable @inline(__always)
  public func zip(
    _ second: Tensor, _ third: Tensor, _ fourth: Tensor,
    _ combine: (Scalar, Scalar, Scalar, Scalar) -> Scalar
  ) -> Tensor {
    precondition(
      shape == second.shape && shape == third.shape && shape == fourth.shape, "shapes differ")
    var result = self
    let (second, third, fourth) = (second.storage.span, third.storage.span, fourth.storage.span)
    var target = result.storage.mutableSpan
    for index in target.indices {
      unsafe target[unchecked: index] = combine(
        target[unchecked: index], second[unchecked: index], third[unchecked: index],
        fourth[unchecked: index])
    }
    return result
  }

  /// Changes every value in place, given the value of another tensor at its place.
  @inlinable @inline(__always)
  public mutating func update(with other: Tensor, _ change: (inout Scalar, Scalar) -> Void) {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    let other = other.storage.span
    var target = storage.mutableSpan
    for index in target.indices {
      unsafe change(&target[unchecked: index], other[unchecked: index])
    }
  }

  /// Changes every value in place, given the values of two other tensors at its place.
  @inlinable @inline(__always)
  public mutating func update(
    with first: Tensor, _ second: Tensor, _ change: (inout Scalar, Scalar, Scalar) -> Void
  ) {
    precondition(shape == first.shape && shape == second.shape, "shapes differ")
    let (first, second) = (first.storage.span, second.storage.span)
    var target = storage.mutableSpan
    for index in target.indices {
      unsafe change(
        &target[unchecked: index], first[unchecked: index], second[unchecked: index])
    }
  }

  /// The sum of a function of the values, in double precision.
  @inlinable @inline(__always)
  public func sum(_ term: (Scalar) -> Double) -> Double {
    let values = storage.span
    var sum = 0.0
    for index in values.indices { unsafe sum += term(values[unchecked: index]) }
    return sum
  }

  /// The sum of a function of the pairs of values of two tensors of one shape, in double precision.
  @inlinable @inline(__always)
  public func sum(with other: Tensor, _ term: (Scalar, Scalar) -> Double) -> Double {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    let (left, right) = (storage.span, other.storage.span)
    var sum = 0.0
    for index in left.indices {
      unsafe sum += term(left[unchecked: index], right[unchecked: index])
    }
    return sum
  }

  /// The elementwise sum.
  @inlinable @inline(__always)
  public static func + (left: Tensor, right: Tensor) -> Tensor { left.zip(right) { $0 + $1 } }

  /// The elementwise difference.
  @inlinable @inline(__always)
  public static func - (left: Tensor, right: Tensor) -> Tensor { left.zip(right) { $0 - $1 } }

  /// The elementwise product.
  @inlinable @inline(__always)
  public static func * (left: Tensor, right: Tensor) -> Tensor { left.zip(right) { $0 * $1 } }

  /// Every value times a factor.
  @inlinable @inline(__always)
  public static func * (factor: Scalar, tensor: Tensor) -> Tensor { tensor.map { factor * $0 } }

  /// self + `length` * `direction`.
  @inlinable @inline(__always)
  public func advanced(by length: Scalar, along direction: Tensor) -> Tensor {
    zip(direction) { $0 + length * $1 }
  }

  /// self + `share` * (`end` - self).
  @inlinable @inline(__always)
  public func interpolated(to end: Tensor, by share: Scalar) -> Tensor {
    zip(end) { $0 + share * ($1 - $0) }
  }

  /// `share` times the values of the one and 1 - `share` times those of the other.
  @inlinable @inline(__always)
  public func blended(with other: Tensor, share: Scalar) -> Tensor {
    zip(other) { share * $0 + (1 - share) * $1 }
  }

  /// self += `factor` * (`end` - `start`).
  @inlinable @inline(__always)
  public mutating func add(_ factor: Scalar, times end: Tensor, minus start: Tensor) {
    update(with: end, start) { $0 += factor * ($1 - $2) }
  }

  /// The position of the largest value; the first of equals; `nil` if empty or any value is NaN.
  @inlinable
  public var indexOfMaximum: Int? {
    let values = storage.span
    if values.isEmpty { return nil }
    var best = 0
    for index in values.indices {
      if unsafe values[unchecked: index].isNaN { return nil }
      if unsafe values[unchecked: index] > values[unchecked: best] { best = index }
    }
    return best
  }
}

extension Tensor where Scalar == Float {
  /// The inner product, accumulated in double precision in four sums.
  public func dot(_ other: Tensor) -> Double {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
    return unsafe withUnsafeScalars { left in
      unsafe other.withUnsafeScalars { right in
        var sums = (0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index + 4 <= left.count {
          unsafe sums.0 += Double(left[index]) * Double(right[index])
          unsafe sums.1 += Double(left[index + 1]) * Double(right[index + 1])
          unsafe sums.2 += Double(left[index + 2]) * Double(right[index + 2])
          unsafe sums.3 += Double(left[index + 3]) * Double(right[index + 3])
          index += 4
        }
        while index < left.count {
          unsafe sums.0 += Double(left[index]) * Double(right[index])
          index += 1
        }
        return sums.0 + sums.1 + sums.2 + sums.3
      }
    }
  }

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

  /// The magnitude that `rank` values reach or exceed, the first being rank 1; NaN counts as zero.
  ///
  /// Selected by halves of the magnitudes' bits, in linear time.
  public func magnitude(ofRank rank: Int) -> Float {
    precondition(rank >= 1 && rank <= count, "rank \(rank) of \(count)")
    return unsafe withUnsafeScalars { values in
      unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: values.count + 2048) { room in
        let bits = unsafe UnsafeMutableBufferPointer(rebasing: room[..<values.count])
        let counts = unsafe UnsafeMutableBufferPointer(rebasing: room[values.count...])
        for index in bits.indices {
          unsafe bits[index] = values[index].isNaN ? 0 : values[index].magnitude.bitPattern
        }
        var candidates = bits.count
        var rest = rank
        var result: UInt32 = 0
        // Eleven, ten and ten bits from the top; the sign is none of them.
        for (shift, width) in [(20, 11), (10, 10), (0, 10)] as [(UInt32, UInt32)] {
          let mask = (1 as UInt32) << width - 1
          unsafe counts.update(repeating: 0)
          for index in 0..<candidates { unsafe counts[Int(bits[index] >> shift & mask)] += 1 }
          var digit = Int(mask)
          while unsafe digit > 0 && Int(counts[digit]) < rest {
            unsafe rest -= Int(counts[digit])
            digit -= 1
          }
          result |= UInt32(digit) << shift
          var kept = 0
          for index in 0..<candidates where unsafe Int(bits[index] >> shift & mask) == digit {
            unsafe bits[kept] = bits[index]
            kept += 1
          }
          candidates = kept
        }
        return Float(bitPattern: result)
      }
    }
  }
}
