import CGeometry
public import Tensors

/// The least and the largest value that each coordinate of an input may take.
public struct InputBounds: Sendable, Hashable {
  private let lower: Tensor<Float>
  private let upper: Tensor<Float>

  /// The interval 0...1 for every coordinate.
  public static let unit = InputBounds(checked: Tensor(0), Tensor(1))

  /// No bounds but those of finite numbers.
  public static let none = InputBounds(
    checked: Tensor(-Float.greatestFiniteMagnitude), Tensor(Float.greatestFiniteMagnitude))

  /// Creates one interval for every coordinate.
  ///
  /// - Throws: `ThreatError.bounds` unless both ends are finite.
  public init(_ range: ClosedRange<Float>) throws(ThreatError) {
    try self.init(lower: Tensor(range.lowerBound), upper: Tensor(range.upperBound))
  }

  /// Creates one interval per coordinate.
  ///
  /// - Parameters:
  ///   - lower: The least values; of rank 0 for one that holds everywhere.
  ///   - upper: The largest values, of the same shape.
  /// - Throws: `ThreatError.bounds` unless all ends are finite and ordered.
  public init(lower: Tensor<Float>, upper: Tensor<Float>) throws(ThreatError) {
    precondition(lower.shape == upper.shape, "shapes differ: \(lower.shape) and \(upper.shape)")
    for index in 0..<lower.count {
      guard lower[index].isFinite, upper[index].isFinite, lower[index] <= upper[index] else {
        throw .bounds(coordinate: index, lower: lower[index], upper: upper[index])
      }
    }
    self.init(checked: lower, upper)
  }

  private init(checked lower: Tensor<Float>, _ upper: Tensor<Float>) {
    self.lower = lower
    self.upper = upper
  }

  /// The shape of the bounds; rank 0 fits every input.
  public var shape: Shape { lower.shape }

  /// The least value of a coordinate.
  public func lower(at coordinate: Int) -> Float { lower[lower.count == 1 ? 0 : coordinate] }

  /// The largest value of a coordinate.
  public func upper(at coordinate: Int) -> Float { upper[upper.count == 1 ? 0 : coordinate] }

  /// The one interval of all coordinates; `nil` if they have their own.
  var uniform: (lower: Float, upper: Float)? { lower.count == 1 ? (lower[0], upper[0]) : nil }

  /// The bounds of inputs of a shape.
  func box(of shape: Shape) -> Box {
    guard let (least, most) = uniform else { return Box(lower: lower, upper: upper) }
    return Box(
      lower: Tensor(repeating: least, shape: shape), upper: Tensor(repeating: most, shape: shape))
  }

  /// What of the bounds lies within a finite distance of a point along each axis, as real numbers: rounded inward.
  func box(around x: Tensor<Float>, within distance: Double) -> Box {
    var least = x
    let most = Tensor(shape: x.shape) { most in
      x.withUnsafeScalars { center in
        lower.withUnsafeScalars { lower in
          upper.withUnsafeScalars { upper in
            least.withUnsafeMutableScalars { least in
              gibbon_ball_limits(
                center.baseAddress, center.count, distance, lower.baseAddress, upper.baseAddress,
                lower.count == 1 ? 0 : 1, least.baseAddress, most.baseAddress)
            }
          }
        }
      }
    }
    return Box(lower: least, upper: most)
  }

  /// The interval of a coordinate as a range of brightness, black to white; 0...1 where there are no bounds.
  func range(at coordinate: Int) -> ClosedRange<Float> {
    let (lower, upper) = (lower(at: coordinate), upper(at: coordinate))
    return upper / 2 - lower / 2 > 1e30 ? 0...1 : lower...upper
  }

  /// The nearest point within the bounds; NaN becomes the lower bound.
  func clamp(_ point: Tensor<Float>) -> Tensor<Float> {
    guard let (least, most) = uniform else {
      return Box(lower: lower, upper: upper).projection(of: point)
    }
    return point.map { value in
      let raised = value > least ? value : least
      return raised < most ? raised : most
    }
  }

  /// Whether every coordinate of an example that fits lies within the bounds; a NaN does not.
  private func contains(_ x: Tensor<Float>) -> Bool {
    guard let (least, most) = uniform else {
      return Box(lower: lower, upper: upper).contains(x)
    }
    return x.withUnsafeScalars { values in
      // Counting instead of leaving early keeps the loop free of branches.
      var outside: Int32 = 0
      for value in values { outside &+= value >= least && value <= most ? 0 : 1 }
      return outside == 0
    }
  }

  /// Makes sure that an example has the right shape and lies within the bounds.
  ///
  /// - Throws: `ThreatError`, naming the coordinate and its value.
  func check(_ x: Tensor<Float>) throws(ThreatError) {
    guard shape.rank == 0 || shape == x.shape else {
      throw ThreatError.shape(given: shape, expected: x.shape)
    }
    if contains(x) { return }
    for index in 0..<x.count {
      let value = x[index]
      let (least, most) = (lower(at: index), upper(at: index))
      guard value >= least, value <= most else {
        throw .outside(coordinate: index, value: value, lower: least, upper: most)
      }
    }
  }
}

/// A product of closed intervals.
public struct Box: Sendable, Hashable {
  /// The lower end per coordinate.
  public let lower: Tensor<Float>

  /// The upper end per coordinate, nowhere below the lower one.
  public let upper: Tensor<Float>

  /// Creates a box from its lower and upper ends, tensors of one shape.
  public init(lower: Tensor<Float>, upper: Tensor<Float>) {
    precondition(lower.shape == upper.shape, "shapes differ: \(lower.shape) and \(upper.shape)")
    self.lower = lower
    self.upper = upper
  }

  /// Whether every coordinate lies between its ends; a NaN does not.
  public func contains(_ point: Tensor<Float>) -> Bool {
    guard point.shape == lower.shape else { return false }
    return point.withUnsafeScalars { point in
      lower.withUnsafeScalars { lower in
        upper.withUnsafeScalars { upper in
          // Counting instead of leaving early keeps the loop free of branches.
          var outside: Int32 = 0
          for index in 0..<point.count {
            let value = point[index]
            outside &+= value >= lower[index] && value <= upper[index] ? 0 : 1
          }
          return outside == 0
        }
      }
    }
  }

  /// The nearest point of the box; NaN becomes the lower end.
  public func projection(of point: Tensor<Float>) -> Tensor<Float> {
    precondition(point.shape == lower.shape, "shapes differ: \(point.shape) and \(lower.shape)")
    return point.withUnsafeScalars { point in
      lower.withUnsafeScalars { lower in
        upper.withUnsafeScalars { upper in
          Tensor(shape: self.lower.shape) { target in
            for index in 0..<target.count {
              let raised = point[index] > lower[index] ? point[index] : lower[index]
              target[index] = raised < upper[index] ? raised : upper[index]
            }
          }
        }
      }
    }
  }
}
