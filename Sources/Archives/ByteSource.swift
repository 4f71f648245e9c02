import Files

/// Bytes that can be read at any place: a file's, an entry's of an archive, or some in memory.
public protocol ByteSource: Sendable {
  /// What errors call the bytes.
  var name: String { get }

  /// The number of bytes.
  var count: Int { get }

  /// Fills the whole buffer with the bytes from `offset` on.
  ///
  /// - Throws: `ArchiveError` if they cannot be read, also because the file has changed meanwhile.
  func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError)
}

extension ByteSource {
  /// The bytes at a range of places, or as many of them as there are.
  ///
  /// - Throws: `ArchiveError` as `read(at:into:)`.
  public func bytes(at range: Range<Int>) throws(ArchiveError) -> [UInt8] {
    let range = range.clamped(to: 0..<count)
    var bytes = [UInt8](repeating: 0, count: range.count)
    try bytes.withUnsafeMutableBufferPointer { buffer throws(ArchiveError) in
      try read(at: range.lowerBound, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }
}

/// Opens files as sources of bytes.
public enum ByteSources {
  /// The bytes of a file, read when they are asked for; a gzipped file is decompressed into memory.
  ///
  /// - Throws: `ArchiveError` of kind `.unreadable`, `.compression` or `.tooLarge`.
  public static func open(_ path: String) throws(ArchiveError) -> any ByteSource {
    let file = try FileBytes(path: path)
    guard Gzip.isGzip(try file.bytes(at: 0..<2)) else { return file }
    return try FileContents(inflating: path)
  }
}

extension FileContents: ByteSource {
  /// The number of bytes.
  public var count: Int { bytes.count }

  /// Copies from memory; traps outside the bytes.
  public func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) {
    bytes.withUnsafeBytes { source in
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + buffer.count]))
    }
  }
}

/// The bytes of an open file, which is read when they are asked for.
public struct FileBytes: ByteSource {
  private let file: RandomAccessFile

  /// Opens a regular file.
  ///
  /// - Throws: `ArchiveError` of kind `.unreadable`.
  public init(path: String) throws(ArchiveError) {
    do throws(FileError) {
      file = try RandomAccessFile(path: path)
    } catch {
      throw ArchiveError(.unreadable, in: path, "cannot be read: \(error.reason)")
    }
  }

  /// The path.
  public var name: String { file.path }

  /// The size of the file.
  public var count: Int { file.count }

  /// Reads from the file.
  ///
  /// - Throws: `ArchiveError` of kind `.unreadable`.
  public func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) {
    do throws(FileError) {
      try file.read(at: offset, into: buffer)
    } catch {
      throw ArchiveError(.unreadable, in: name, at: offset, "cannot be read: \(error.reason)")
    }
  }
}

/// The bytes of a stored entry of a ZIP archive, read when they are asked for.
struct ZipEntryBytes: ByteSource {
  let name: String
  let count: Int
  let file: ZipEntryFile

  func read(
    at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ArchiveError) {
    try file.read(at: offset, into: buffer)
  }
}

extension ZipArchive {
  /// The bytes of an entry: read when they are asked for if it is stored, else decompressed into memory.
  ///
  /// A stored entry is read through once, to compare it with its checksum, before any part of it is given.
  ///
  /// - Parameters:
  ///   - entry: An entry of this archive.
  ///   - limit: The most bytes that may be decompressed into memory.
  /// - Returns: The bytes.
  /// - Throws: `ArchiveError` as `contents(of:limit:)`.
  public func source(of entry: Entry, limit: Int) throws(ArchiveError) -> any ByteSource {
    let name = "\(self.name): \(entry.name)"
    guard entry.isStored, entry.byteCount > 0 else {
      return FileContents(name: name, bytes: try contents(of: entry, limit: limit))
    }
    let file = try handle.open(entry, source: name)
    try file.check(count: entry.byteCount)
    return ZipEntryBytes(name: name, count: entry.byteCount, file: file)
  }
}
