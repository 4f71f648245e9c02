import Platform

/// A floating-point type that tensors hold: `Float` for speed, `Double` for reference values.
public protocol TensorScalar: BinaryFloatingPoint, Codable, Sendable {
  /// The exponential e to the power of `x`.
  static func exp(_ x: Self) -> Self
  /// The natural logarithm.
  static func log(_ x: Self) -> Self
  /// The hyperbolic tangent.
  static func tanh(_ x: Self) -> Self
  /// The Gauss error function.
  static func erf(_ x: Self) -> Self
  /// log(1 + x), accurate near zero.
  static func log1p(_ x: Self) -> Self
  /// exp(x) - 1, accurate near zero.
  static func expm1(_ x: Self) -> Self
  /// The sine of an angle in radians.
  static func sin(_ x: Self) -> Self
  /// The cosine of an angle in radians.
  static func cos(_ x: Self) -> Self
  /// `base` to the power of `exponent`; NaN for a negative base and an exponent that is no integer.
  static func pow(_ base: Self, _ exponent: Self) -> Self
}

extension Float: TensorScalar {
  /// The exponential e to the power of `x`.
  public static func exp(_ x: Float) -> Float { expf(x) }
  /// The natural logarithm.
  public static func log(_ x: Float) -> Float { logf(x) }
  /// The hyperbolic tangent.
  public static func tanh(_ x: Float) -> Float { tanhf(x) }
  /// The Gauss error function.
  public static func erf(_ x: Float) -> Float { erff(x) }
  /// log(1 + x), accurate near zero.
  public static func log1p(_ x: Float) -> Float { log1pf(x) }
  /// exp(x) - 1, accurate near zero.
  public static func expm1(_ x: Float) -> Float { expm1f(x) }
  /// The sine of an angle in radians.
  public static func sin(_ x: Float) -> Float { sinf(x) }
  /// The cosine of an angle in radians.
  public static func cos(_ x: Float) -> Float { cosf(x) }
  /// `base` to the power of `exponent`; NaN for a negative base and an exponent that is no integer.
  public static func pow(_ base: Float, _ exponent: Float) -> Float { powf(base, exponent) }
}

extension Double: TensorScalar {
  /// The exponential e to the power of `x`.
  public static func exp(_ x: Double) -> Double { Platform.exp(x) }
  /// The natural logarithm.
  public static func log(_ x: Double) -> Double { Platform.log(x) }
  /// The hyperbolic tangent.
  public static func tanh(_ x: Double) -> Double { Platform.tanh(x) }
  /// The Gauss error function.
  public static func erf(_ x: Double) -> Double { Platform.erf(x) }
  /// log(1 + x), accurate near zero.
  public static func log1p(_ x: Double) -> Double { Platform.log1p(x) }
  /// exp(x) - 1, accurate near zero.
  public static func expm1(_ x: Double) -> Double { Platform.expm1(x) }
  /// The sine of an angle in radians.
  public static func sin(_ x: Double) -> Double { Platform.sin(x) }
  /// The cosine of an angle in radians.
  public static func cos(_ x: Double) -> Double { Platform.cos(x) }
  /// `base` to the power of `exponent`; NaN for a negative base and an exponent that is no integer.
  public static func pow(_ base: Double, _ exponent: Double) -> Double {
    Platform.pow(base, exponent)
  }
}
