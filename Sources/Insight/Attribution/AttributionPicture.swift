import Datasets
package import Images
package import Tensors

/// A map as colours over the greyed picture: red speaks for the class, blue against it.
///
/// Each pixel's number is the sum over its channels. The colours are at full strength at the 99th percentile of the
/// magnitudes, so that single pixels do not make all others pale; red and blue of the scale can be told apart by
/// colour-blind readers.
package struct AttributionPicture: Sendable {
  /// The picture, as large as the input.
  package let bitmap: Bitmap
  /// The magnitude at which colours are at full strength.
  package let radius: Double

  /// The share of magnitudes that are not beyond full strength.
  package static let percentile = 0.99

  /// Draws a map; `nil` where the input is no picture.
  ///
  /// - Parameters:
  ///   - attribution: The map.
  ///   - input: The input, C x H x W with one or three channels, or H x W.
  ///   - bounds: The values of black and white.
  package init?(_ attribution: Attribution, over input: Tensor<Float>, bounds: ClosedRange<Float>) {
    guard let plain = Bitmap(input, bounds: bounds) else { return nil }
    let places = attribution.places
    let magnitudes = places.map(abs).sorted()
    let rank = Int((Double(magnitudes.count - 1) * AttributionPicture.percentile).rounded(.up))
    // Where almost all is zero, the largest number is the measure.
    let clipped = magnitudes[rank] > 0 ? magnitudes[rank] : magnitudes[magnitudes.count - 1]
    radius = clipped
    let grey = plain.converted(to: .grey).bytes
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * grey.count)
    for (pixel, value) in places.enumerated() {
      let share = clipped > 0 ? Float(min(max(value / clipped, -1), 1)) : 0
      let back = 120 + Float(grey[pixel]) * 120 / 255
      // Weak colours are those of the middle of the scale, which is near white; they shall be seen on grey.
      let color = DivergingScale.color(at: share < 0 ? share * 0.6 - 0.4 : share * 0.6 + 0.4)
      let weight = abs(share).squareRoot() * 0.95
      for channel in 0..<3 {
        let mixed = (1 - weight) * back + weight * Float(color[channel])
        bytes.append(UInt8(min(max(mixed.rounded(), 0), 255)))
      }
    }
    bitmap = Bitmap(width: plain.width, height: plain.height, channels: .rgb, bytes: bytes)
  }

  /// The picture as a file, small ones enlarged by a whole factor.
  package func png() throws -> [UInt8] {
    let side = min(bitmap.width, bitmap.height)
    return try bitmap.scaled(by: max(1, 256 / side)).png()
  }
}
