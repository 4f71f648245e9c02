import Platform

/// Makes folders and lists them.
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

  /// The place of a file below a folder, once symbolic links are followed.
  ///
  /// - Parameters:
  ///   - location: The path of the file from the folder on.
  ///   - folder: The folder, ending in a slash; empty for the current one.
  /// - Returns: The place, or `nil` if links lead out of the folder.
  /// - Throws: `FileError` if there is no such file.
  package static func place(
    of location: String, within folder: String
  ) throws(FileError) -> String? {
    func resolved(_ path: String) throws(FileError) -> String {
      guard let pointer = realpath(path, nil) else {
        throw FileError(path: path, action: "read it", code: errno)
      }
      defer { free(pointer) }
      return String(cString: pointer)
    }
    let root = try resolved(folder.isEmpty ? "." : folder)
    let file = try resolved(folder + location)
    return file.hasPrefix(root.hasSuffix("/") ? root : root + "/") ? file : nil
  }

  /// Whether a path leads to a folder.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Removes a file.
  ///
  /// - Throws: `FileError` naming the file that could not be removed and the system's reason.
  public static func remove(_ name: String, in path: String) throws(FileError) {
    let file = path + "/" + name
    guard unlink(file) == 0 else {
      throw FileError(path: file, action: "remove it", code: errno)
    }
  }

  /// The names in a folder but `.` and `..`, in ascending order of their UTF-8 bytes.
  ///
  /// - Throws: `FileError` naming the folder if it cannot be read.
  public static func names(in path: String) throws(FileError) -> [String] {
    guard let folder = opendir(path) else {
      throw FileError(path: path, action: "list the folder", code: errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(
          to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)
        ) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else {
      throw FileError(path: path, action: "list the folder", code: errno)
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
