import CPNG

// Only the simplified interface of libpng is used: the others report errors by longjmp over our
// frames.

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
      throw .notEncodable(Bitmap.message(of: image))
    }
    file.removeLast(file.count - size)
    return file
  }

  /// Reads a PNG file: grey as grey, anything else as RGB, always at 8 bits a channel.
  ///
  /// Transparent parts are laid on white. The size is checked against the limit, and against what a
  /// file of this length can hold at most, before anything is allocated.
  ///
  /// - Parameters:
  ///   - png: The whole file.
  ///   - sideLimit: The largest width and height accepted, in 1...32767.
  /// - Throws: `PNGError` that says what is wrong.
  public init(png: [UInt8], sideLimit: Int = 16_384) throws(PNGError) {
    precondition((1...32_767).contains(sideLimit), "side limit \(sideLimit) outside 1...32767")
    // Also keeps the reads of the header fields below within bounds.
    guard png.count >= Bitmap.smallestFile else {
      throw .malformed("\(png.count) bytes are too few")
    }
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    let result = png.withUnsafeBytes { file -> Result<Bitmap, PNGError> in
      guard png_image_begin_read_from_memory(&image, file.baseAddress, file.count) != 0 else {
        return .failure(.malformed(Bitmap.message(of: image)))
      }
      // Else samples of 16 bits would be taken for linear ones, and brightened.
      image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      let (width, height) = (Int(image.width), Int(image.height))
      guard width <= sideLimit, height <= sideLimit else {
        return .failure(.tooLarge(width: width, height: height, limit: sideLimit))
      }
      let bitsPerPixel = Bitmap.bitsPerPixel(depth: Int(file[24]), colorType: file[25])
      guard (width * bitsPerPixel + 7) / 8 * height <= file.count * Bitmap.largestInflation else {
        return .failure(.implausible(width: width, height: height, fileSize: file.count))
      }
      guard width * height <= ImageFile.pixelLimit else {
        return .failure(.tooManyPixels(width: width, height: height, limit: ImageFile.pixelLimit))
      }
      let channels: Channels = image.format & Bitmap.format(.rgb) != 0 ? .rgb : .grey
      image.format = Bitmap.format(channels)
      var white = png_color(red: 255, green: 255, blue: 255)
      var bytes = [UInt8](repeating: 0, count: width * height * channels.rawValue)
      guard png_image_finish_read(&image, &white, &bytes, 0, nil) != 0 else {
        return .failure(.malformed(Bitmap.message(of: image)))
      }
      return .success(Bitmap(width: width, height: height, channels: channels, bytes: bytes))
    }
    self = try result.get()
  }

  /// Signature, header, one data chunk and the end chunk.
  private static let smallestFile = 8 + 25 + 12 + 12

  /// No deflate stream expands by more than this factor.
  private static let largestInflation = 1032

  private static func bitsPerPixel(depth: Int, colorType: UInt8) -> Int {
    switch colorType {
    case 2: 3 * depth
    case 4: 2 * depth
    case 6: 4 * depth
    default: depth
    }
  }

  private static func encodedSizeBound(rowBytes: Int, rows: Int) -> Int {
    // Stored deflate blocks cost 5 bytes in 16 KiB at worst, chunks of 8 KiB cost 12; the rest is
    // headers.
    let raw = (rowBytes + 1) * rows
    return raw + raw / 256 + 1024
  }

  private static func format(_ channels: Channels) -> UInt32 {
    channels == .rgb ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0
  }

  private static func message(of image: png_image) -> String {
    withUnsafeBytes(of: image.message) { raw in
      String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
