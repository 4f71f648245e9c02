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
  /// - Parameter options: The path that each option was given, if any.
  /// - Throws: `BadArgument` for two options with one path, `FileError` for the first file that cannot be
  ///   written.
  static func check(_ options: KeyValuePairs<String, String?>) throws {
    var seen: [String: String] = [:]
    for (option, path) in options {
      guard let path else { continue }
      guard !path.isEmpty else {
        throw BadArgument("\(option) is empty; expected the path of a file")
      }
      // Devices such as /dev/stdout may well take more than one text.
      if let other = seen.updateValue(option, forKey: path), !path.hasPrefix("/dev/") {
        throw BadArgument("\(other) and \(option) both write \(path); expected two files")
      }
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
