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
