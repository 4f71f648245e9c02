import Platform

// `read` alone would mean the method below.
private let readBytes = read

/// Reads whole files.
public enum WholeFile {
  /// The bytes of a regular file; a device, a pipe or a folder is refused, since it may never end.
  ///
  /// - Parameter path: The file.
  /// - Returns: As many bytes as the file system says that the file has.
  /// - Throws: `FileError` naming `path`, the step that failed and the system's reason.
  public static func read(_ path: String) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      if status.st_mode & S_IFMT == S_IFDIR { throw failure(path, EISDIR) }
      throw FileError(path: path, action: "read a device or a pipe", code: ENOTSUP)
    }
    let size = Int(status.st_size)
    guard MemoryRoom.has(size) else { throw failure(path, ENOMEM) }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let rest = UnsafeMutableBufferPointer(rebasing: buffer[count...])
        let received = readBytes(descriptor, rest.baseAddress, rest.count)
        if received < 0 && errno == EINTR { continue }
        if received < 0 { code = errno }
        if received <= 0 { break }
        count += received
      }
    }
    guard code == 0, bytes.count == size else { throw failure(path, code == 0 ? EIO : code) }
    return bytes
  }

  /// Whether there is something at a path.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  private static func failure(_ path: String, _ code: Int32) -> FileError {
    FileError(path: path, action: "read it", code: code)
  }
}

/// Asks whether memory can be had, since an array that cannot get it ends the process.
package enum MemoryRoom {
  /// Sizes that are not worth the question.
  private static let negligible = 1 << 20

  /// Whether the system gives so many bytes in one piece.
  package static func has(_ byteCount: Int) -> Bool {
    guard byteCount > negligible else { return true }
    // Compilers take out a pair of malloc and free.
    let block = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let block, block != MAP_FAILED else { return false }
    munmap(block, byteCount)
    return true
  }
}
