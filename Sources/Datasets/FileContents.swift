#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileContents.unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileContents.unreadable(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DatasetError(.unreadable, in: path, "not a regular file")
    }
    let size = Int(status.st_size)
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let rest = UnsafeMutableBufferPointer(rebasing: buffer[count...])
        let received = read(descriptor, rest.baseAddress, rest.count)
        if received < 0 && errno == EINTR { continue }
        if received < 0 { failure = errno }
        if received <= 0 { break }
        count += received
      }
    }
    guard failure == 0 else { throw FileContents.unreadable(path, failure) }
    guard bytes.count == size else {
      throw DatasetError(.unreadable, in: path, at: bytes.count, "ends, expected \(size) bytes")
    }
    self.init(name: path, bytes: bytes)
  }

  /// Whether there is something at a path.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func unreadable(_ path: String, _ code: Int32) -> DatasetError {
    DatasetError(.unreadable, in: path, "cannot be read: \(String(cString: strerror(code)))")
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
