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

/// The bytes of a file and the name that errors call it by.
///
///     let file = try FileContents(inflating: "model.onnx.gz")
public struct FileContents: Sendable {
  /// What errors call the file; `PATH (uncompressed)` if offsets count decompressed bytes.
  public let name: String

  /// The bytes.
  public let bytes: [UInt8]

  /// Takes bytes that did not come from the file system.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Reads a regular file as it is.
  ///
  /// - Throws: `ArchiveError` of kind `.unreadable`.
  public init(path: String) throws(ArchiveError) {
    do throws(FileError) {
      self.init(name: path, bytes: try WholeFile.read(path))
    } catch {
      throw ArchiveError(.unreadable, in: path, "cannot be read: \(error.reason)")
    }
  }

  /// Reads a regular file and decompresses it if it is gzipped, whatever it is called.
  ///
  /// This is how every input file of Gibbon is read. Memory grows with what is really decompressed.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - limit: The most bytes after decompression; by default 128 times the size of the file, and
  ///     64 MiB at least. A file that is not gzipped is not limited.
  /// - Throws: `ArchiveError` of kind `.unreadable`, `.compression` or `.tooLarge`.
  public init(inflating path: String, limit: Int? = nil) throws(ArchiveError) {
    self = try FileContents(path: path).uncompressed(limit: limit)
  }

  /// The same file uncompressed, if it is gzipped, or else as it is.
  ///
  /// - Parameter limit: As for `init(inflating:limit:)`.
  /// - Returns: The uncompressed bytes under the name that errors should use for them.
  /// - Throws: `ArchiveError` of kind `.compression` or `.tooLarge`.
  public func uncompressed(limit: Int? = nil) throws(ArchiveError) -> FileContents {
    guard Gzip.isGzip(bytes) else { return self }
    let limit = limit ?? Gzip.limit(forCompressedCount: bytes.count)
    return FileContents(
      name: "\(name) (uncompressed)",
      bytes: try Gzip.decompress(bytes, named: name, limit: limit))
  }

  /// The first bytes of a regular file, or all of them if it is shorter.
  ///
  /// - Throws: `ArchiveError` of kind `.unreadable`.
  public static func prefix(
    ofFile path: String, count: Int
  ) throws(ArchiveError) -> [UInt8] {
    do throws(FileError) {
      return try RandomAccessFile(path: path).bytes(at: 0..<count)
    } catch {
      throw ArchiveError(.unreadable, in: path, "cannot be read: \(error.reason)")
    }
  }
}
