#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a file on disk.
enum FileBytes {
  /// Why a file could not be read.
  struct Failure: Error {
    let expectation: String
  }

  /// Reads a whole regular file.
  static func read(_ path: String) throws(Failure) -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw failure() }
    defer { fclose(file) }
    var status = stat()
    guard fstat(fileno(file), &status) == 0 else { throw failure() }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(expectation: "expected a regular file")
    }
    let size = Int(status.st_size)
    var bytes = [UInt8](repeating: 0, count: size)
    let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress, 1, size, file) }
    guard count == size else {
      throw Failure(expectation: "expected \(size) bytes, could read only \(count)")
    }
    return bytes
  }

  private static func failure() -> Failure {
    Failure(expectation: "expected a readable file: " + String(cString: strerror(errno)))
  }
}
