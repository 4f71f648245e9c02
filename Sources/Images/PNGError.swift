import Files
/// A reason why an image cannot be read from or written as PNG.
public enum PNGError: Error, Hashable, Sendable {
  /// libpng refused, with its own words.
  case malformed(String)

  /// The image declares a size beyond the limit.
  case tooLarge(width: Int, height: Int, limit: Int)

  /// The image declares more pixels than are read.
  case tooManyPixels(width: Int, height: Int, limit: Int)

  /// The image declares more pixels than a file of this size can hold.
  case implausible(width: Int, height: Int, fileSize: Int)

  /// libpng could not encode, with its own words.
  case notEncodable(String)
}

extension PNGError: CustomStringConvertible {
  /// One line that says what is wrong.
  public var description: String {
    switch self {
    case .malformed(let reason): "not a readable PNG image: \(reason.terminalSafe)"
    case .tooLarge(let width, let height, let limit):
      "a PNG image of \(width)x\(height) pixels; at most \(limit) on a side are read"
    case .tooManyPixels(let width, let height, let limit):
      "a PNG image of \(width)x\(height) pixels; at most \(limit) in all are read"
    case .implausible(let width, let height, let fileSize):
      "a PNG image of \(width)x\(height) pixels cannot be held in \(fileSize) bytes"
    case .notEncodable(let reason): "cannot encode a PNG image: \(reason.terminalSafe)"
    }
  }
}
