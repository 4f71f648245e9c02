import Archives

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
