import CTurboJPEG

extension Bitmap {
  /// Reads a JPEG file: grey as grey, colours as RGB, by the accurate inverse transform, as Pillow does.
  ///
  /// The size is checked against limits, and against what a file of this length can hold at most, before
  /// anything is allocated.
  ///
  /// - Parameter jpeg: The whole file.
  /// - Throws: `JPEGError` that says what is wrong.
  public init(jpeg: [UInt8]) throws(JPEGError) {
    guard let handle = tjInitDecompress() else { throw .malformed("TurboJPEG cannot start") }
    defer { tjDestroy(handle) }
    var (columns, rows, subsampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    let length = UInt(jpeg.count)
    guard
      tjDecompressHeader3(handle, jpeg, length, &columns, &rows, &subsampling, &space) == 0,
      columns > 0, rows > 0
    else {
      let reason = Bitmap.reason(handle)
      throw reason.contains("subsampling type") ? .unusualSampling : .malformed(reason)
    }
    guard space != TJCS_CMYK.rawValue, space != TJCS_YCCK.rawValue else { throw .fourChannels }
    let (width, height) = (Int(columns), Int(rows))
    let limit = Bitmap.jpegPixelLimit(jpeg)
    guard width * height <= limit else {
      throw .tooLarge(width: width, height: height, limit: limit)
    }
    let channels: Channels = space == TJCS_GRAY.rawValue ? .grey : .rgb
    let format = channels == .grey ? TJPF_GRAY : TJPF_RGB
    var bytes = [UInt8](repeating: 0, count: width * height * channels.rawValue)
    let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS
    if tjDecompress2(
      handle, jpeg, length, &bytes, columns, 0, rows, Int32(format.rawValue), flags) != 0
    {
      let reason = Bitmap.reason(handle)
      // Cameras leave such bytes; they change nothing. What is missing or damaged does.
      guard tjGetErrorCode(handle) == TJERR_WARNING.rawValue, reason.contains("extraneous bytes")
      else { throw .malformed(reason) }
    }
    self.init(width: width, height: height, channels: channels, bytes: bytes)
  }

  /// The most pixels accepted of a file: a block of 64 takes at least an eighth of a byte, and progressive
  /// files need six more bytes of memory per pixel.
  private static func jpegPixelLimit(_ jpeg: [UInt8]) -> Int {
    min(isProgressive(jpeg) ? ImageFile.pixelLimit / 4 : ImageFile.pixelLimit, 512 * jpeg.count)
  }

  /// Whether the first frame header is that of a progressive image.
  private static func isProgressive(_ jpeg: [UInt8]) -> Bool {
    var place = 2
    while place + 4 <= jpeg.count {
      guard jpeg[place] == 0xFF else {
        place += 1
        continue
      }
      let marker = jpeg[place + 1]
      switch marker {
      case 0xC0, 0xC1: return false
      case 0xC2...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: return true
      case 0xFF: place += 1
      case 0x01, 0xD0...0xD9, 0x00: place += 2
      default: place += 2 + max(2, Int(jpeg[place + 2]) << 8 | Int(jpeg[place + 3]))
      }
    }
    return true
  }

  private static func reason(_ handle: tjhandle) -> String {
    tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown"
  }
}
