import CPNG
import CPNGReader
import Files

// libpng reports errors by longjmp. Its simplified interface catches them itself, but corrects gamma and lays
// transparent parts on a background; so files are read by a few lines of C, whose frames are all that is jumped over.

extension Bitmap {
  /// The image as a PNG file in memory, without any metadata.
  ///
  /// - Throws: `PNGError.notEncodable`, for an image beyond what PNG can hold or when memory runs
  ///   out.
  public func png() throws(PNGError) -> [UInt8] {
    guard let columns = UInt32(exactly: width), let rows = UInt32(exactly: height) else {
      throw .notEncodable("\(width)x\(height) pixels")
    }
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = columns
    image.height = rows
    image.format = Bitmap.format(channels)
    defer { png_image_free(&image) }
    // An upper bound saves encoding twice just to learn the size.
    var size = Bitmap.encodedSizeBound(rowBytes: width * channels.rawValue, rows: height)
    var file = [UInt8](repeating: 0, count: size)
    guard png_image_write_to_memory(&image, &file, &size, 0, bytes, 0, nil) != 0 else {
      throw .notEncodable(Bitmap.text(image.message))
    }
    file.removeLast(file.count - size)
    return file
  }

  /// Reads a PNG file: grey as grey, anything else as RGB, always at 8 bits a channel, as Pillow does.
  ///
  /// The samples are those of the file: gamma, colour profiles, transparency and backgrounds change nothing. Of 16 bits
  /// the upper 8 are taken, but grey without transparency, which Pillow clips at 255, is rounded to the nearest of 256
  /// levels. The size is checked against the limit, and against what a file of this length can hold at most, before
  /// anything is allocated.
  ///
  /// - Parameters:
  ///   - png: The whole file.
  ///   - sideLimit: The largest width and height accepted, in 1...32767.
  /// - Throws: `PNGError` that says what is wrong.
  public init(png: [UInt8], sideLimit: Int = 16_384) throws(PNGError) {
    precondition((1...32_767).contains(sideLimit), "side limit \(sideLimit) outside 1...32767")
    guard png.count >= Bitmap.smallestFile else {
      throw .malformed("\(png.count) bytes are too few")
    }
    var image = gibbon_png()
    guard gibbon_png_read(png, png.count, &image, nil) == 0 else {
      throw .malformed(Bitmap.text(image.error))
    }
    let (width, height) = (Int(image.width), Int(image.height))
    guard width <= sideLimit, height <= sideLimit else {
      throw .tooLarge(width: width, height: height, limit: sideLimit)
    }
    guard
      (width * Int(image.bits_per_pixel) + 7) / 8 * height <= png.count * Bitmap.largestInflation
    else { throw .implausible(width: width, height: height, fileSize: png.count) }
    guard width * height <= ImageFile.pixelLimit else {
      throw .tooManyPixels(width: width, height: height, limit: ImageFile.pixelLimit)
    }
    var bytes = [UInt8](repeating: 0, count: width * height * Int(image.bytes_per_pixel))
    guard gibbon_png_read(png, png.count, &image, &bytes) == 0 else {
      throw .malformed(Bitmap.text(image.error))
    }
    self.init(
      width: width, height: height, channels: image.bytes_per_pixel == 3 ? .rgb : .grey,
      bytes: image.bytes_per_pixel == 2 ? Bitmap.nearestLevels(bytes) : bytes)
  }

  /// Samples of 16 bits, the upper byte first, as the nearest of 256 levels.
  private static func nearestLevels(_ samples: [UInt8]) -> [UInt8] {
    stride(from: 0, to: samples.count, by: 2).map { place -> UInt8 in
      let value = Int(samples[place]) << 8 | Int(samples[place + 1])
      return UInt8((value + 128) / 257)
    }
  }

  /// Signature, header, one data chunk and the end chunk.
  private static let smallestFile = 8 + 25 + 12 + 12

  /// No deflate stream expands by more than this factor.
  private static let largestInflation = 1032

  private static func encodedSizeBound(rowBytes: Int, rows: Int) -> Int {
    // Stored deflate blocks cost 5 bytes in 16 KiB at worst, chunks of 8 KiB cost 12; the rest is
    // headers.
    let raw = (rowBytes + 1) * rows
    return raw + raw / 256 + 1024
  }

  private static func format(_ channels: Channels) -> UInt32 {
    channels == .rgb ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0
  }

  /// The text in an array of C's characters.
  private static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

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
