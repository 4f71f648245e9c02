import Archives
import Files

/// A photograph or another picture in a PNG or JPEG file.
public struct ImageFile: Sendable {
  /// The picture, as the file holds it.
  public let picture: Bitmap

  /// How the camera was held (EXIF's orientation), 1 to 8; 1 where nothing is to be turned.
  ///
  /// It is not applied, as in the loaders of torchvision and Pillow.
  public let orientation: Int

  /// The endings of files that are taken for images, in lower case.
  public static let endings = ["png", "jpg", "jpeg", "jpe", "jfif", "pjpeg", "apng"]

  /// The most pixels that an image may have: 2^26, which takes 192 MiB.
  static let pixelLimit = 1 << 26

  /// Whether a file is called as an image is.
  public static func isImage(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }

  /// Reads a PNG or JPEG file, whatever it is called and whether or not it is gzipped.
  ///
  /// Refused are: damaged files, which includes those that end too early; more than 16384 pixels on a side (PNG) or
  /// 2^26 in all; JPEG in the four channels of print (CMYK, YCCK), with 12 bits a sample, without loss, or with colours
  /// sampled otherwise than 4:4:4, 4:2:2, 4:2:0, 4:4:0 and 4:1:1; and other formats, which the error names.
  ///
  /// - Throws: `ImageError` naming the file.
  public init(path: String) throws(ImageError) {
    let file: FileContents
    do throws(ArchiveError) {
      file = try FileContents(inflating: path)
    } catch {
      throw ImageError(error.source, error.message)
    }
    try self.init(file.bytes, name: path)
  }

  /// Reads the bytes of a PNG or JPEG file.
  ///
  /// - Throws: `ImageError` naming the file.
  public init(_ bytes: [UInt8], name: String) throws(ImageError) {
    switch ImageFormat(start: bytes) {
    case .png:
      do throws(PNGError) {
        picture = try Bitmap(png: bytes)
      } catch {
        throw ImageError(name, error.description)
      }
    case .jpeg:
      do throws(JPEGError) {
        picture = try Bitmap(jpeg: bytes)
      } catch {
        throw ImageError(name, error.description)
      }
    case let other?:
      throw ImageError(name, "is \(other.words), expected PNG or JPEG; \(other.conversion)")
    case nil:
      throw ImageError(name, ImageFile.words(forUnknown: bytes, name: name))
    }
    orientation = EXIF.orientation(in: bytes)
  }

  /// What is said of a file that is no picture: what often lies in its place, or that it is none.
  private static func words(forUnknown bytes: [UInt8], name: String) -> String {
    if bytes.isEmpty { return "is empty, expected a PNG or JPEG image" }
    if let standIn = StandIn(start: bytes) {
      return standIn.refusal(of: name, expected: "a PNG or JPEG image")
    }
    return "neither a PNG nor a JPEG image, expected it to begin as one of them does"
  }

  /// The picture in a PNG or JPEG file.
  ///
  /// - Throws: `ImageError` naming the file.
  public static func read(_ path: String) throws(ImageError) -> Bitmap {
    try ImageFile(path: path).picture
  }

  /// The picture in the bytes of a PNG or JPEG file.
  ///
  /// - Throws: `ImageError` naming the file.
  public static func decode(_ bytes: [UInt8], name: String) throws(ImageError) -> Bitmap {
    try ImageFile(bytes, name: name).picture
  }
}

/// The formats of pictures that files tell by their first bytes.
public enum ImageFormat: Hashable, Sendable, CaseIterable {
  /// Those that are read.
  case png, jpeg
  /// Those that Pillow reads.
  case webP, gif, bmp, tiff, avif, jpeg2000, photoshop, icon, netpbm, qoi
  /// Others.
  case heic, jpegXL, svg

  /// Looks at the beginning of a file, 64 bytes or more; `nil` for anything else.
  public init?(start: [UInt8]) {
    if let known = ImageFormat.magics.first(where: { start.starts(with: $0.bytes) }) {
      self = known.format
    } else if start.starts(with: "RIFF".utf8), start.dropFirst(8).starts(with: "WEBP".utf8) {
      self = .webP
    } else if start.dropFirst(4).starts(with: "ftyp".utf8),
      let format = ImageFormat.boxed(start)
    {
      self = format
    } else if ImageFormat.isBMP(start) {
      self = .bmp
    } else if start.count > 2, start[0] == UInt8(ascii: "P"),
      UInt8(ascii: "1")...UInt8(ascii: "7") ~= start[1], [0x0A, 0x0D, 0x20].contains(start[2])
    {
      self = .netpbm
    } else if ImageFormat.isSVG(start) {
      self = .svg
    } else {
      return nil
    }
  }

  private static let magics: [(bytes: [UInt8], format: ImageFormat)] = [
    ([0x89, 0x50, 0x4E, 0x47], .png), ([0xFF, 0xD8, 0xFF], .jpeg),
    ([0x47, 0x49, 0x46, 0x38], .gif),
    ([0x49, 0x49, 0x2A, 0], .tiff), ([0x4D, 0x4D, 0, 0x2A], .tiff), ([0x49, 0x49, 0x2B, 0], .tiff),
    ([0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20], .jpeg2000), ([0xFF, 0x4F, 0xFF, 0x51], .jpeg2000),
    ([0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20], .jpegXL), ([0xFF, 0x0A], .jpegXL),
    ([0x38, 0x42, 0x50, 0x53], .photoshop), ([0, 0, 1, 0], .icon),
    ([0x71, 0x6F, 0x69, 0x66], .qoi),
  ]

  /// The format by the brands of ISO's base media files.
  private static func boxed(_ start: [UInt8]) -> ImageFormat? {
    let size = min(start.count, 64, start[..<4].reduce(0) { $0 << 8 | Int($1) })
    let brands = stride(from: 8, to: size - 3, by: 4).map {
      String(decoding: start[$0..<$0 + 4], as: UTF8.self)
    }
    if brands.contains(where: { ["avif", "avis"].contains($0) }) { return .avif }
    let others: Set<String> = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]
    return brands.contains(where: others.contains) ? .heic : nil
  }

  /// Whether the sizes of both headers are those of a BMP file; its two letters begin words as well.
  private static func isBMP(_ start: [UInt8]) -> Bool {
    guard start.count >= 18, start.starts(with: "BM".utf8) else { return false }
    let header = start[14..<18].reversed().reduce(0) { $0 << 8 | Int($1) }
    return [12, 16, 40, 52, 56, 64, 108, 124].contains(header)
  }

  private static func isSVG(_ start: [UInt8]) -> Bool {
    let text = String(decoding: start.prefix(4096), as: UTF8.self)
      .trimmingPrefix { $0.isWhitespace || $0 == "\u{FEFF}" }
    return text.hasPrefix("<svg")
      || (text.hasPrefix("<?xml") || text.hasPrefix("<!--")) && text.contains("<svg")
  }

  /// What it is, to follow "is".
  public var words: String {
    switch self {
    case .png: "a PNG image"
    case .jpeg: "a JPEG image"
    case .webP: "a WebP image"
    case .gif: "a GIF image"
    case .bmp: "a BMP image"
    case .tiff: "a TIFF image"
    case .avif: "an AVIF image"
    case .jpeg2000: "a JPEG 2000 image"
    case .photoshop: "a Photoshop image"
    case .icon: "an icon of Windows"
    case .netpbm: "a PBM, PGM, PPM or PAM image"
    case .qoi: "a QOI image"
    case .heic: "a HEIC image"
    case .jpegXL: "a JPEG XL image"
    case .svg: "an SVG drawing"
    }
  }

  /// How it becomes PNG, as an imperative.
  public var conversion: String {
    switch self {
    case .heic:
      "convert it, as by Pillow with pillow-heif: pillow_heif.register_heif_opener(); \(ImageFormat.pillow)"
    case .jpegXL, .svg: "convert it to PNG"
    default: "convert it, as by Pillow: \(ImageFormat.pillow)"
    }
  }

  /// What Pillow makes a PNG file of colours with.
  static let pillow = #"Image.open("IN").convert("RGB").save("OUT.png")"#
}

/// Why a file is not an image that can be read.
public struct ImageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let file: String

  /// What is wrong, and what was expected.
  public let message: String

  /// Creates an error from its parts.
  public init(_ file: String, _ message: String) {
    self.file = file
    self.message = message
  }

  /// One line: the file and what is wrong.
  public var description: String { "\(file.terminalSafe): \(message)" }
}
