/// What the 256 values of a byte stand for: from the lower to the upper bound in equal steps.
public struct ByteLevels: Sendable {
  /// The values of 0 and of 255.
  public let bounds: ClosedRange<Float>

  /// The values of all bytes; empty for byte / 255, which is faster computed.
  private let table: [Float]

  /// The levels byte / 255.
  static let unit = ByteLevels(0...1)

  /// Spreads the bytes evenly over an interval.
  public init(_ bounds: ClosedRange<Float>) {
    self.bounds = bounds
    table =
      bounds == 0...1
      ? []
      : (0...255).map { level in
        let (lower, upper) = (Double(bounds.lowerBound), Double(bounds.upperBound))
        let value = Float(lower + (upper - lower) * (Double(level) / 255))
        return min(max(value, bounds.lowerBound), bounds.upperBound)
      }
  }

  /// The values of the bytes 0 to 255.
  public var values: [Float] { (0...255).map { self[$0] } }

  /// What one byte stands for.
  subscript(byte: UInt8) -> Float { table.isEmpty ? Float(byte) / 255 : table[Int(byte)] }

  /// What bytes stand for.
  func convert(
    _ bytes: UnsafeBufferPointer<UInt8>, to buffer: UnsafeMutableBufferPointer<Float>
  ) {
    if table.isEmpty {
      for index in 0..<buffer.count { buffer[index] = Float(bytes[index]) / 255 }
    } else {
      for index in 0..<buffer.count { buffer[index] = table[Int(bytes[index])] }
    }
  }
}
