/// An image of 8 bits a channel, grey or RGB, as rows from the top with the channels of a pixel
/// together.
public struct Bitmap: Hashable, Sendable {
  /// What the channels of a pixel mean.
  public enum Channels: Int, Hashable, Sendable {
    /// One channel, from black to white.
    case grey = 1

    /// Red, green and blue in sRGB.
    case rgb = 3
  }

  /// Pixels in a row, at least 1.
  public let width: Int

  /// Rows, at least 1.
  public let height: Int

  /// What the channels mean.
  public let channels: Channels

  /// The samples: `width * height * channels.rawValue` of them, top row first.
  public let bytes: [UInt8]

  /// Creates an image from its samples; traps unless their number is what the size asks for.
  public init(width: Int, height: Int, channels: Channels, bytes: [UInt8]) {
    precondition(width > 0 && height > 0, "empty image \(width)x\(height)")
    precondition(
      bytes.count == width * height * channels.rawValue,
      "\(bytes.count) samples for \(width)x\(height)x\(channels.rawValue)")
    self.width = width
    self.height = height
    self.channels = channels
    self.bytes = bytes
  }

  /// The samples of one pixel: one for grey, three for RGB.
  public func pixel(x: Int, y: Int) -> ArraySlice<UInt8> {
    precondition((0..<width).contains(x) && (0..<height).contains(y), "pixel outside the image")
    let start = (y * width + x) * channels.rawValue
    return bytes[start..<(start + channels.rawValue)]
  }

  /// The image enlarged by an integer factor of at least 1, each pixel a square of one colour.
  public func scaled(by factor: Int) -> Bitmap {
    precondition(factor >= 1, "factor \(factor) below 1")
    var scaled: [UInt8] = []
    scaled.reserveCapacity(bytes.count * factor * factor)
    for y in 0..<height {
      let start = scaled.count
      for x in 0..<width {
        for _ in 0..<factor { scaled.append(contentsOf: pixel(x: x, y: y)) }
      }
      let row = Array(scaled[start...])
      for _ in 1..<factor { scaled.append(contentsOf: row) }
    }
    return Bitmap(width: width * factor, height: height * factor, channels: channels, bytes: scaled)
  }
}

extension Bitmap {
  /// Creates an image from values in 0...1, rounded to the nearest of 256 levels.
  ///
  /// Values outside are drawn as the nearer end, NaN as black.
  ///
  /// - Parameters:
  ///   - width: Pixels in a row.
  ///   - height: Rows.
  ///   - channels: How many planes there are.
  ///   - planes: One whole plane per channel after the other, as networks hold images; traps unless
  ///     complete.
  public init(width: Int, height: Int, channels: Channels = .grey, planes: [Float]) {
    let bytes = Bitmap.interleaved(planes, width * height, channels) { Bitmap.level($0) }
    self.init(width: width, height: height, channels: channels, bytes: bytes)
  }

  /// Creates a picture of signed values, such as a perturbation, in which zero is neutral.
  ///
  /// One channel becomes colours from blue (`-radius`) over near-white (zero) to red (`radius`),
  /// which colour-blind readers can tell apart. Three channels become offsets from middle grey,
  /// each in its own channel. Values outside are drawn as the nearer end, NaN as zero.
  ///
  /// - Parameters:
  ///   - width: Pixels in a row.
  ///   - height: Rows.
  ///   - channels: How many planes there are.
  ///   - signedPlanes: One whole plane per channel after the other; traps unless complete.
  ///   - radius: The magnitude drawn at full strength, above zero.
  public init(
    width: Int, height: Int, channels: Channels = .grey, signedPlanes: [Float], radius: Float
  ) {
    precondition(radius > 0 && radius.isFinite, "radius \(radius) is not positive")
    switch channels {
    case .grey:
      precondition(
        signedPlanes.count == width * height,
        "\(signedPlanes.count) values for \(width)x\(height)x1")
      let bytes = signedPlanes.flatMap { DivergingScale.color(at: $0 / radius) }
      self.init(width: width, height: height, channels: .rgb, bytes: bytes)
    case .rgb:
      let bytes = Bitmap.interleaved(signedPlanes, width * height, .rgb) { value in
        let part = value / radius
        return part.isNaN ? 128 : UInt8((128 + 127 * min(max(part, -1), 1)).rounded())
      }
      self.init(width: width, height: height, channels: .rgb, bytes: bytes)
    }
  }

  private static func level(_ value: Float) -> UInt8 {
    value.isNaN ? 0 : UInt8((255 * min(max(value, 0), 1)).rounded())
  }

  private static func interleaved(
    _ planes: [Float], _ area: Int, _ channels: Channels, _ level: (Float) -> UInt8
  ) -> [UInt8] {
    let count = channels.rawValue
    precondition(
      planes.count == area * count, "\(planes.count) values for \(area) pixels x \(count)")
    var bytes = [UInt8](repeating: 0, count: planes.count)
    for channel in 0..<count {
      for index in 0..<area {
        bytes[index * count + channel] = level(planes[channel * area + index])
      }
    }
    return bytes
  }
}

/// The diverging colours of signed maps: ColorBrewer's seven-class red-blue scheme, zero in the
/// middle.
package enum DivergingScale {
  private static let stops: [SIMD3<Float>] = [
    [33, 102, 172], [103, 169, 207], [209, 229, 240], [247, 247, 247],
    [253, 219, 199], [239, 138, 98], [178, 24, 43],
  ]

  /// The colour at a place.
  ///
  /// - Parameter position: From -1 (blue) to 1 (red), clamped; NaN counts as 0.
  /// - Returns: Red, green and blue.
  package static func color(at position: Float) -> [UInt8] {
    let clamped = position.isNaN ? 0 : min(max(position, -1), 1)
    let place = (clamped + 1) / 2 * Float(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let part = place - Float(index)
    let color = stops[index] * (1 - part) + stops[index + 1] * part
    return (0..<3).map { UInt8(color[$0].rounded()) }
  }
}
