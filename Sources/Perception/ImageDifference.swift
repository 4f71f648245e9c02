import Platform
public import Tensors

/// How much two pictures differ, by every measure at once.
///
/// Lengths are of the difference as a vector of values in 0...1; the other measures speak of what people see.
public struct ImageDifference: Sendable, Hashable, Codable {
  /// The number of pixels that differ in any channel (L0).
  public let pixels: Int
  /// The sum of magnitudes (L1).
  public let sum: Double
  /// The Euclidean length (L2).
  public let length: Double
  /// The largest magnitude (L-infinity).
  public let largest: Double
  /// The root of the mean square.
  public let rootMeanSquare: Double
  /// SSIM by the paper's options; `nil` for pictures of less than 11 by 11 pixels.
  public let structuralSimilarity: Double?
  /// MS-SSIM by as many scales as the pictures have room for; `nil` for pictures of less than 11 by 11 pixels.
  public let multiScaleSimilarity: Double?
  /// How many scales these are, 5 from 176 by 176 pixels on.
  public let scales: Int
  /// CIEDE2000 in the mean over the pixels.
  public let meanColorDifference: Double
  /// CIEDE2000 of the pixel where it is largest.
  public let largestColorDifference: Double

  /// The peak signal-to-noise ratio in decibels, -20 log10 of the root of the mean square; infinite for equal pictures.
  public var peakSignalToNoise: Double {
    rootMeanSquare > 0 ? -20 * log10(rootMeanSquare) : .infinity
  }

  /// Compares two pictures C x H x W.
  ///
  /// - Throws: `PerceptionError` unless both have 1 or 3 channels, one shape and values in 0...1.
  public init(from first: Tensor<Float>, to second: Tensor<Float>) throws(PerceptionError) {
    let pair = try PicturePair(first, second)
    let count = pair.first.count * pair.height * pair.width
    var differs = [Bool](repeating: false, count: pair.height * pair.width)
    var (sum, squares, largest) = (0.0, 0.0, 0.0)
    for (before, after) in zip(pair.first, pair.second) {
      for place in before.indices where before[place] != after[place] {
        let change = abs(after[place] - before[place])
        differs[place] = true
        sum += change
        squares += change * change
        largest = max(largest, change)
      }
    }
    pixels = differs.count { $0 }
    self.sum = sum
    self.largest = largest
    length = squares.squareRoot()
    rootMeanSquare = (squares / Double(count)).squareRoot()
    scales = MultiScaleSimilarity.scales(forSide: pair.side)
    structuralSimilarity = scales > 0 ? StructuralSimilarity().similarity(pair) : nil
    multiScaleSimilarity =
      scales > 0 ? MultiScaleSimilarity(scales: scales).similarity(pair) : nil
    (meanColorDifference, largestColorDifference) = ColorDifference.pixels(pair)
  }
}
