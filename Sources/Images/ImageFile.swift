import Archives

/// Reads photographs and other pictures.
public enum ImageFile {
  /// The endings of files that are taken for images, in lower case.
  public static let endings = ["png", "jpg", "jpeg"]

  /// The most pixels that an image may have: 2^26, which takes 192 MiB.
  static let pixelLimit = 1 << 26

  /// Whether a file is called as an image is.
  public static func isImage(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }

  /// The picture in a PNG or JPEG file, whatever it is called and whether or not it is gzipped.
  ///
  /// An orientation that a camera noted is not applied, as in PyTorch's and Pillow's loaders.
  ///
  /// - Throws: `ImageError` naming the file.
  public static func read(_ path: String) throws(ImageError) -> Bitmap {
    let file: FileContents
    do throws(ArchiveError) {
      file = try FileContents(inflating: path)
    } catch {
      throw ImageError(error.source, error.message)
    }
    return try decode(file.bytes, name: path)
  }

  /// The picture in the bytes of a PNG or JPEG file.
  ///
  /// - Throws: `ImageError` naming the file.
  public static func decode(_ bytes: [UInt8], name: String) throws(ImageError) -> Bitmap {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
      do throws(PNGError) {
        return try Bitmap(png: bytes)
      } catch {
        throw ImageError(name, error.description)
      }
    }
    guard bytes.starts(with: [0xFF, 0xD8, 0xFF]) else {
      throw ImageError(
        name, "neither a PNG nor a JPEG image, expected it to begin as one of them does")
    }
    do throws(JPEGError) {
      return try Bitmap(jpeg: bytes)
    } catch {
      throw ImageError(name, error.description)
    }
  }
}
