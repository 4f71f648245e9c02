/// Keeps derivatives within the range of single precision.
enum Scaling {
  /// The factor that brings a magnitude into 2^-64...2^64; a power of two, 1 if it is there
  /// already.
  static func factor(for magnitude: Double) -> Double {
    guard magnitude > 0, magnitude.isFinite else { return 1 }
    if magnitude < 0x1p-64 {
      return Double(sign: .plus, exponent: -64, significand: 1) / power(magnitude)
    }
    if magnitude > 0x1p64 {
      return Double(sign: .plus, exponent: 64, significand: 1) / power(magnitude)
    }
    return 1
  }

  private static func power(_ magnitude: Double) -> Double {
    Double(sign: .plus, exponent: max(magnitude.exponent, -1000), significand: 1)
  }
}
