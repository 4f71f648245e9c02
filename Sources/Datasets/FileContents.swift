import Files

/// The bytes of a file and the name that errors call it by.
struct FileContents {
  let name: String
  let bytes: [UInt8]

  /// Takes bytes that did not come from the file system.
  init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Reads a regular file.
  init(path: String) throws(DatasetError) {
    do throws(FileError) {
      self.init(name: path, bytes: try WholeFile.read(path))
    } catch {
      throw DatasetError(.unreadable, in: path, "cannot be read: \(error.reason)")
    }
  }
}

extension FileContents {
  /// The same file uncompressed, if it is gzipped, or else as it is.
  ///
  /// The limit holds for the bytes after decompression; without one, the size of the file sets it.
  func uncompressed(limit: Int? = nil) throws(DatasetError) -> FileContents {
    guard Gzip.isGzip(bytes) else { return self }
    let limit = limit ?? Gzip.limit(forCompressedCount: bytes.count)
    return FileContents(
      name: "\(name) (uncompressed)",
      bytes: try Gzip.decompress(bytes, named: name, limit: limit))
  }
}
