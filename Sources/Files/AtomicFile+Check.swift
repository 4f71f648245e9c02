import Platform

extension AtomicFile {
  /// Makes sure that a file can be created or replaced, without touching it.
  ///
  /// - Throws: `FileError`.
  package static func check(_ path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(folder, F_OK) == 0 else {
      throw FileError(path: path, action: "find its folder", code: errno)
    }
    let target = WholeFile.exists(path) ? path : folder
    guard access(target, W_OK) == 0 else {
      throw FileError(path: path, action: "write it", code: errno)
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      // A link that leads nowhere, or a name that no file may have.
      guard code == ENOENT, lstat(path, &status) != 0 else {
        throw FileError(
          path: path, action: code == ENAMETOOLONG ? "write it" : "follow the symbolic link",
          code: code)
      }
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError(path: path, action: "write a file", code: EISDIR)
    case S_IFSOCK: throw FileError(path: path, action: "write to a socket", code: ENOTSUP)
    default: return
    }
  }
}
