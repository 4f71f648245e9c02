import Files
import Platform
public import Tensors

/// Independent normal noise on every value, clipped to the bounds.
public struct GaussianNoise: Augmentation, Hashable {
  /// What the words begin with.
  public static let name = "noise"
  /// How it is written.
  public static let form = "noise:S"
  /// What it does.
  public static let summary =
    "normal noise of standard deviation S is added, and clipped to the bounds"
  /// What is expected of the words.
  public static let expectation = "noise:S with S above 0 and up to 1000, such as noise:0.1"

  /// The standard deviation, in the data's own units.
  public let deviation: Double

  /// Creates the augmentation.
  public init(deviation: Double) { self.deviation = deviation }

  /// Creates it from words.
  public init?(arguments: [String]) {
    guard let deviation = arguments.positive(upTo: 1000) else { return nil }
    self.deviation = deviation
  }

  /// The words that make it again.
  public var words: String { "noise:\(deviation.plain)" }

  /// Examples of every shape may have noise.
  public func check(_ shape: Shape) {}

  /// Adds noise.
  public func apply(
    to values: UnsafeMutableBufferPointer<Float>, of form: ExampleForm,
    drawing generator: inout Philox
  ) {
    let scale = Float(deviation)
    let (lowest, highest) = (form.bounds.lowerBound, form.bounds.upperBound)
    GaussianNoise.quantiles.withUnsafeBufferPointer { quantiles in
      var bits: UInt32 = 0
      for place in values.indices {
        // Sixteen bits for each value: a sign and a size.
        bits = place & 1 == 0 ? generator.next32() : bits >> 16
        let size = quantiles[Int(bits & 0x7FFF)]
        let noise = bits & 0x8000 == 0 ? size : -size
        values[place] = min(max(values[place] + scale * noise, lowest), highest)
      }
    }
  }

  /// The sizes of standard normal numbers at 32,768 probabilities that are equally far apart.
  ///
  /// Sixteen random bits choose one and its sign, in a fraction of the time that logarithms take; the largest is 4.2.
  private static let quantiles: [Float] = {
    let count = 1 << 15
    var sizes: [Double] = []
    sizes.reserveCapacity(count)
    var x = 0.0
    for place in 0..<count {
      let tail = 1 - (Double(place) + 0.5) / Double(count)
      // Newton's method from the quantile before; the tail is convex, so it comes from below.
      for _ in 0..<30 {
        let step =
          (erfc(x / 2.0.squareRoot()) - tail) / ((2 / Double.pi).squareRoot() * exp(-x * x / 2))
        x += step
        if abs(step) < 1e-13 { break }
      }
      sizes.append(x)
    }
    let square = sizes.reduce(0) { $0 + $1 * $1 } / Double(count)
    return sizes.map { Float($0 / square.squareRoot()) }
  }()
}
