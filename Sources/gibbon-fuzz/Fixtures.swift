import Files

/// The committed files that mutations begin with.
struct Fixtures: Sendable {
  /// `Tests/Fixtures`.
  let folder: String

  /// The bytes of the files in a folder that have one of some endings; all if none is given.
  func files(_ name: String, _ endings: String...) throws -> [[UInt8]] {
    let path = "\(folder)/\(name)"
    return try Folder.names(in: path)
      .filter { name in endings.isEmpty || endings.contains { name.hasSuffix($0) } }
      .map { try WholeFile.read("\(path)/\($0)") }
  }
}
