public import Tensors

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
