import Files

/// A reason why an image cannot be read from JPEG.
public enum JPEGError: Error, Hashable, Sendable {
  /// TurboJPEG refused, with its own words.
  case malformed(String)

  /// The image declares more pixels than are read, or than a file of its size can hold.
  case tooLarge(width: Int, height: Int, limit: Int)

  /// The image has the four channels of print.
  case fourChannels

  /// Its colours are sampled in a way that is not read.
  case unusualSampling
}

extension JPEGError: CustomStringConvertible {
  /// One line that says what is wrong.
  public var description: String {
    switch self {
    case .malformed(let reason): "not a readable JPEG image: \(reason.terminalSafe)"
    case .tooLarge(let width, let height, let limit):
      "a JPEG image of \(width)x\(height) pixels; a file of this kind and size may have \(limit)"
    case .fourChannels:
      "a JPEG image in CMYK, expected grey or colours as screens show them; convert it, as by Pillow:"
        + " \(ImageFormat.pillow), or by ImageMagick: convert IN -colorspace sRGB OUT.jpg"
    case .unusualSampling:
      "a JPEG image whose colours are not sampled as 4:4:4, 4:2:2, 4:2:0, 4:4:0 or 4:1:1; convert it,"
        + " as by Pillow: \(ImageFormat.pillow)"
    }
  }
}
