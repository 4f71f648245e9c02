public import Tensors

/// An array of integers of a safetensors file: labels, counters, indices.
public struct SafeTensorsIntegers: Hashable, Sendable {
  /// The extents; their product is `values.count`.
  public let shape: Shape

  /// The values in row-major order.
  public let values: [Int64]

  /// Creates an array from its values in row-major order.
  ///
  /// - Precondition: `values.count == shape.count`.
  public init(_ values: [Int64], shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) values do not fill \(shape)")
    self.shape = shape
    self.values = values
  }
}
