/// A strict linear inequality on the outputs: sum of coefficient times output, plus offset, above
/// zero.
public struct Inequality: Sendable, Hashable {
  /// One term of the sum.
  public struct Term: Sendable, Hashable {
    /// The position of the output.
    public let output: Int
    /// Its coefficient, finite and not zero.
    public let coefficient: Double

    /// Creates a term.
    public init(_ coefficient: Double, output: Int) {
      precondition(coefficient.isFinite && coefficient != 0 && output >= 0, "not a term")
      self.output = output
      self.coefficient = coefficient
    }
  }

  /// The terms; outputs that are not named do not count.
  public let terms: [Term]

  /// The constant.
  public let offset: Double

  /// Creates an inequality.
  public init(_ terms: [Term], offset: Double = 0) {
    self.terms = terms
    self.offset = offset
  }

  /// The left side; NaN where infinities cancel.
  @inline(__always)
  func value<Scalar: BinaryFloatingPoint>(of outputs: UnsafeBufferPointer<Scalar>) -> Double {
    terms.reduce(offset) { $0 + $1.coefficient * Double(outputs[$1.output]) }
  }
}
