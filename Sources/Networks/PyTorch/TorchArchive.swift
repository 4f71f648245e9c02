import Archives

/// The archive of a checkpoint: a pickle, and each storage as an entry of its own.
struct TorchArchive: Sendable {
  /// The most bytes that may come out of it at once.
  let limit: Int

  private let archive: ZipArchive
  private let folder: String
  private let entries: [String: ZipArchive.Entry]

  /// Finds the checkpoint in an archive.
  ///
  /// - Parameters:
  ///   - archive: The archive.
  ///   - size: Its size in bytes.
  /// - Throws: `NetworkError.file` if there is none, or it is more than one; `ArchiveError`.
  init(_ archive: ZipArchive, size: Int) throws {
    var entries: [String: ZipArchive.Entry] = [:]
    for entry in archive.entries { entries[entry.name] = entry }
    if let kind = ForeignFile(archive: archive.entries.map(\.name)) {
      throw NetworkError.file(archive.name, "is \(kind.sentence(archive.name))")
    }
    guard let root = archive.entries.first(where: { $0.name.hasSuffix("/data.pkl") }) else {
      throw NetworkError.file(
        archive.name, "is a ZIP archive without PyTorch's data.pkl; \(ModelFormat.expectation)")
    }
    self.archive = archive
    self.entries = entries
    folder = String(root.name.dropLast("data.pkl".count))
    // Tensors hardly compress; what grows tenfold is a bomb, be it one entry or many over the same bytes.
    limit = 8 * size + (1 << 20)
    var rest = limit
    if entries[folder + "byteorder"] != nil,
      String(decoding: try contents("byteorder", rest: &rest), as: UTF8.self) != "little"
    {
      throw NetworkError.file(archive.name, "numbers are big-endian; expected little-endian ones")
    }
  }

  /// The bytes of an entry, which are taken off what may still come out.
  func contents(_ name: String, rest: inout Int) throws -> [UInt8] {
    guard let entry = entries[folder + name] else {
      throw NetworkError.file(archive.name, "\(folder)\(name) is missing from the archive")
    }
    let bytes = try archive.contents(of: entry, limit: rest)
    rest -= bytes.count
    return bytes
  }
}
