import Files

/// The bytes of a file and the name that errors call it by.
///
///     let file = try FileContents(inflating: "model.onnx.gz")
public struct FileContents: Sendable {
  /// What errors call the file; `PATH (uncompressed)` if offsets count decompressed bytes.
  public let name: String

  /// The bytes.
  public let bytes: [UInt8]

  /// Takes bytes that did not come from the file system.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Reads a regular file as it is.
  ///
  /// - Throws: `ArchiveError` of kind `.unreadable`.
  public init(path: String) throws(ArchiveError) {
    do throws(FileError) {
      self.init(name: path, bytes: try WholeFile.read(path))
    } catch {
      throw ArchiveError(.unreadable, in: path, "cannot be read: \(error.reason)")
    }
  }

  /// Reads a regular file and decompresses it if it is gzipped, whatever it is called.
  ///
  /// This is how every input file of Gibbon is read. Memory grows with what is really decompressed.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: The most bytes after decompression; by default 128 times the size of the file, and
  ///     64 MiB at least. A file that is not gzipped is not limited.
  /// - Throws: `ArchiveError` of kind `.unreadable`, `.compression` or `.tooLarge`.
  public init(inflating path: String, limit: Int? = nil) throws(ArchiveError) {
    self = try FileContents(path: path).uncompressed(limit: limit)
  }

  /// The same file uncompressed, if it is gzipped, or else as it is.
  ///
  /// - Parameter limit: As for `init(inflating:limit:)`.
  /// - Returns: The uncompressed bytes under the name that errors should use for them.
  /// - Throws: `ArchiveError` of kind `.compression` or `.tooLarge`.
  public func uncompressed(limit: Int? = nil) throws(ArchiveError) -> FileContents {
    guard Gzip.isGzip(bytes) else { return self }
    let limit = limit ?? Gzip.limit(forCompressedCount: bytes.count)
    return FileContents(
      name: "\(name) (uncompressed)",
      bytes: try Gzip.decompress(bytes, named: name, limit: limit))
  }

  /// The first bytes of a regular file, or all of them if it is shorter.
  ///
  /// - Throws: `ArchiveError` of kind `.unreadable`.
  public static func prefix(
    ofFile path: String, count: Int
  ) throws(ArchiveError) -> [UInt8] {
    do throws(FileError) {
      return try RandomAccessFile(path: path).bytes(at: 0..<count)
    } catch {
      throw ArchiveError(.unreadable, in: path, "cannot be read: \(error.reason)")
    }
  }
}
