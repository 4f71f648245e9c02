#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Makes folders.
public enum Folder {
  /// Makes a folder and those above it, unless they exist.
  ///
  /// - Throws: `FileError` naming the folder that could not be made and the system's reason.
  public static func create(_ path: String) throws(FileError) {
    var partial = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      partial += component
      if mkdir(partial, 0o777) != 0, errno != EEXIST {
        throw FileError(path: partial, action: "make the folder", code: errno)
      }
      partial += "/"
    }
  }
}
