import CTurboJPEG
import Files

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

/// A reason why an image cannot be read from JPEG, or written.
public enum JPEGError: Error, Hashable, Sendable {
  /// TurboJPEG refused, with its own words.
  case malformed(String)

  /// The image declares more pixels than are read, or than a file of its size can hold.
  case tooLarge(width: Int, height: Int, limit: Int)

  /// The image has the four channels of print.
  case fourChannels

  /// Its colours are sampled in a way that is not read.
  case unusualSampling

  /// The image cannot be written, with TurboJPEG's own words.
  case notEncodable(String)
}

extension JPEGError: CustomStringConvertible {
  /// One line that says what is wrong.
  public var description: String {
    switch self {
    case .malformed(let reason): "not a readable JPEG image: \(reason.terminalSafe)"
    case .tooLarge(let width, let height, let limit):
      "a JPEG image of \(width)x\(height) pixels; a file of this kind and size may have \(limit)"
    case .fourChannels:
      "a JPEG image in CMYK, expected grey or RGB; convert it, as by Pillow: \(ImageFormat.pillow), or by"
        + " ImageMagick: convert IN -colorspace sRGB OUT.jpg"
    case .notEncodable(let reason): "cannot be written as JPEG: \(reason.terminalSafe)"
    case .unusualSampling:
      "a JPEG image whose colours are not sampled as 4:4:4, 4:2:2, 4:2:0, 4:4:0 or 4:1:1; convert it,"
        + " as by Pillow: \(ImageFormat.pillow)"
    }
  }
}

/// What cameras note in pictures (EXIF), of which only the orientation matters here.
enum EXIF {
  /// The orientation noted in a PNG or JPEG file, 1 to 8; 1 if there is none that can be read.
  static func orientation(in file: [UInt8]) -> Int {
    let note = file.starts(with: [0xFF, 0xD8]) ? jpegNote(file) : pngNote(file)
    return note.flatMap { orientation(tiff: $0) } ?? 1
  }

  /// The contents of the segment that EXIF has in a JPEG file.
  private static func jpegNote(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    var place = 2
    while place + 4 <= file.count, file[place] == 0xFF {
      let marker = file[place + 1]
      if marker == 0xFF {
        place += 1
        continue
      }
      // The samples begin, before which all notes are.
      guard marker != 0xDA, marker != 0xD9 else { return nil }
      let length = Int(file[place + 2]) << 8 | Int(file[place + 3])
      let end = place + 2 + length
      guard length >= 2, end <= file.count else { return nil }
      let segment = file[place + 4..<end]
      if marker == 0xE1, segment.starts(with: "Exif\0\0".utf8) { return segment.dropFirst(6) }
      place = end
    }
    return nil
  }

  /// The contents of the chunk that EXIF has in a PNG file.
  private static func pngNote(_ file: [UInt8]) -> ArraySlice<UInt8>? {
    var place = 8
    while place + 12 <= file.count {
      let length = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= file.count - place - 12 else { return nil }
      if file[place + 4..<place + 8].elementsEqual("eXIf".utf8) {
        return file[place + 8..<place + 8 + length]
      }
      place += 12 + length
    }
    return nil
  }

  /// The orientation in the first directory of a TIFF file.
  private static func orientation(tiff: ArraySlice<UInt8>) -> Int? {
    let isBigEndian = tiff.starts(with: [0x4D, 0x4D, 0, 0x2A])
    guard isBigEndian || tiff.starts(with: [0x49, 0x49, 0x2A, 0]) else { return nil }
    func number(at place: Int, _ width: Int) -> Int? {
      guard place >= 0, place <= tiff.count - width else { return nil }
      let bytes = tiff.dropFirst(place).prefix(width)
      return isBigEndian
        ? bytes.reduce(0) { $0 << 8 | Int($1) } : bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(at: 4, 4), let count = number(at: directory, 2) else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number(at: place, 2), let type = number(at: place + 2, 2) else { return nil }
      guard tag == 0x0112 else { continue }
      let value = number(at: place + 8, type == 4 ? 4 : 2)
      return value.flatMap { 1...8 ~= $0 ? $0 : nil }
    }
    return nil
  }
}
