import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Looks at where results are to go before the work begins.
enum OutputFiles {
  /// An option that names a file to be written.
  struct Target {
    let option: String
    let path: String?
    /// The endings of names that say what is written, the usual one first; empty where the command looks itself.
    let endings: [String]

    /// A file of JSON.
    static func json(_ option: String, _ path: String?) -> Target {
      Target(option: option, path: path, endings: ["json"])
    }

    /// A page.
    static func page(_ option: String, _ path: String?) -> Target {
      Target(option: option, path: path, endings: ["html", "htm", "xhtml"])
    }

    /// A file of Gibbon's own, whose state it keeps there.
    static func own(_ option: String, _ path: String?) -> Target {
      // Earlier versions wrote states as safetensors, and so such names are at home in scripts.
      Target(option: option, path: path, endings: ["bin", "safetensors"])
    }

    /// A file whose form its name decides, which is looked at elsewhere.
    static func named(_ option: String, _ path: String?) -> Target {
      Target(option: option, path: path, endings: [])
    }
  }

  /// Endings that say what a file is.
  private static let known = [
    "json", "html", "htm", "xhtml", "safetensors", "npz", "npy", "onnx", "pt", "pth", "th", "ckpt",
    "bin", "h5", "hdf5", "keras", "tflite", "pb", "pkl", "pickle", "csv", "tsv", "txt", "md", "pdf",
    "png", "jpg", "jpeg", "gif", "svg", "zip", "gz", "xlsx", "xml", "yaml", "yml", "toml",
  ]

  /// Makes sure that each file can be created or replaced, without touching it, and is not called by what it will not be.
  ///
  /// - Parameter targets: The options that name files.
  /// - Throws: `BadArgument` for two options with one path or a name that would be wrong, `FileError` for the first
  ///   file that cannot be written.
  static func check(_ targets: [Target]) throws {
    var seen: [String: String] = [:]
    for target in targets {
      guard let path = target.path else { continue }
      guard !path.isEmpty else {
        throw BadArgument("\(target.option) is empty; expected the path of a file")
      }
      // Devices such as /dev/stdout may well take more than one text.
      if let other = seen.updateValue(target.option, forKey: path), !path.hasPrefix("/dev/") {
        throw BadArgument("\(other) and \(target.option) both write \(path); expected two files")
      }
      if let ending = ending(of: path), let usual = target.endings.first,
        known.contains(ending), !target.endings.contains(ending)
      {
        throw BadArgument(
          "\(target.option) is '\(path)', but what it writes is no .\(ending) file; expected a name that ends in"
            + " .\(usual)")
      }
      try check(path: path)
    }
  }

  /// Whether a name ends as files of some other kind than networks do.
  static func saysOtherwise(_ path: String) -> Bool {
    ending(of: path).map(known.contains) ?? false
  }

  /// The ending of a file's name, in small letters, if it has one.
  static func ending(of path: String) -> String? {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Makes sure that a file can be created or replaced, without touching it.
  ///
  /// - Throws: `FileError`.
  static func check(path: String) throws {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(folder, F_OK) == 0 else {
      throw FileError(path: path, action: "find its folder", code: errno)
    }
    let target = WholeFile.exists(path) ? path : folder
    guard access(target, W_OK) == 0 else {
      throw FileError(path: path, action: "write it", code: errno)
    }
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError(path: path, action: "write a file", code: EISDIR)
    case S_IFSOCK: throw FileError(path: path, action: "write to a socket", code: ENOTSUP)
    default: return
    }
  }
}
