import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Looks at where results are to go before the work begins.
enum OutputFiles {
  /// Makes sure that each file can be created or replaced, without touching it.
  ///
  /// - Throws: `FileError` for the first that cannot.
  static func check(_ paths: [String?]) throws {
    for path in paths.compactMap({ $0 }) {
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
      guard access(folder, F_OK) == 0 else {
        throw FileError(path: path, action: "find its folder", code: errno)
      }
      let target = WholeFile.exists(path) ? path : folder
      guard access(target, W_OK) == 0 else {
        throw FileError(path: path, action: "write it", code: errno)
      }
      var status = stat()
      if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        throw FileError(path: path, action: "write a file", code: EISDIR)
      }
    }
  }
}
