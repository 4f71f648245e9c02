/// What the ending of a file's name says.
package enum FileEnding {
  /// Endings that say what a file is.
  package static let known = [
    "json", "html", "htm", "xhtml", "safetensors", "npz", "npy", "onnx", "pt", "pth", "th", "ckpt",
    "bin", "h5", "hdf5", "keras", "tflite", "pb", "pkl", "pickle", "csv", "tsv", "txt", "md", "pdf",
    "png", "jpg", "jpeg", "gif", "svg", "zip", "gz", "xlsx", "xml", "yaml", "yml", "toml",
  ]

  /// Whether a name ends as files of some other kind than networks do.
  static func saysOtherwise(_ path: String) -> Bool {
    FileEnding.of(path).map(known.contains) ?? false
  }

  /// The ending of a file's name, in small letters, if it has one.
  package static func of(_ path: String) -> String? {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    return name[name.index(after: dot)...].lowercased()
  }
}
