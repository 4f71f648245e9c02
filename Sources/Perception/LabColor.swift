import Tensors

/// A colour by its lightness and two opponent axes (CIE L*a*b*, white D65, observer of 2 degrees).
public struct LabColor: Sendable, Hashable, Codable {
  /// The lightness, 0 (black) to 100 (white).
  public var lightness: Double
  /// From green (below zero) to red.
  public var a: Double
  /// From blue (below zero) to yellow.
  public var b: Double

  /// Creates a colour by its coordinates.
  public init(lightness: Double, a: Double, b: Double) {
    self.lightness = lightness
    self.a = a
    self.b = b
  }

  /// The colour of sRGB values in 0...1 (IEC 61966-2-1).
  public init(red: Double, green: Double, blue: Double) {
    func linear(_ value: Double) -> Double {
      value > 0.04045 ? Double.pow((value + 0.055) / 1.055, 2.4) : value / 12.92
    }
    let (r, g, b) = (linear(red), linear(green), linear(blue))
    func f(_ value: Double) -> Double {
      value > 0.008856 ? Double.pow(value, 1 / 3.0) : 7.787 * value + 16 / 116.0
    }
    let x = f((0.412453 * r + 0.357580 * g + 0.180423 * b) / 0.95047)
    let y = f(0.212671 * r + 0.715160 * g + 0.072169 * b)
    let z = f((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.08883)
    self.init(lightness: 116 * y - 16, a: 500 * (x - y), b: 200 * (y - z))
  }
}
