import Platform

/// A file of records that are added one after the other, each whole before the work goes on; several processes may
/// share it.
///
/// The first line, the title, says what the file is about, and ends with its checksum. A record is a mark, the number of
/// its bytes, the bytes and a checksum, which depends on the title. Nothing is ever changed but the end, and that only under
/// the file's lock: so all processes have the same records, and one that is ended in the midst of writing leaves a
/// part of one record, which the next one cuts off. A record that is damaged is passed over, whatever was damaged in it.
package struct RecordFile: Sendable {
  let file: SharedFile
  private let seed: UInt64
  /// The end of what was read or written.
  var place: Int

  static let mark: [UInt8] = [0x47, 0xeb, 0x52, 0x0a]
  /// The bytes of a record beside its own: mark and length before them, the checksum behind.
  static let frame = 16
  /// The longest title.
  private static let titleLimit = 1 << 20

  /// How a file begins.
  package enum Beginning: Hashable, Sendable {
    /// There is no file, or nothing in it but a title that was not written to its end.
    case nothing
    /// A title.
    case title(String)
    /// A title of this kind that does not go with its checksum.
    case damaged
    /// Something else.
    case foreign
  }

  /// Looks how a file begins, without a lock.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - kind: What all titles of its kind begin with.
  /// - Returns: How it begins.
  /// - Throws: `FileError`.
  package static func beginning(of path: String, kind: String) throws(FileError) -> Beginning {
    guard WholeFile.exists(path) else { return .nothing }
    let file = try RandomAccessFile(path: path)
    return beginning(try file.bytes(at: 0..<min(file.count, titleLimit)), kind).0
  }

  private static func beginning(_ bytes: [UInt8], _ kind: String) -> (Beginning, length: Int) {
    let start = Array(kind.utf8)
    guard let end = bytes.firstIndex(of: 10) else {
      // A kind has no line break, so a part of a title begins with a part of it.
      let isPart = bytes.starts(with: start) || start.starts(with: bytes)
      return (isPart && bytes.count < titleLimit ? .nothing : .foreign, 0)
    }
    guard bytes.starts(with: start) else { return (.foreign, 0) }
    guard let tab = bytes[..<end].lastIndex(of: 9) else { return (.damaged, 0) }
    let text = String(decoding: bytes[..<tab], as: UTF8.self)
    let isWhole = bytes[(tab + 1)..<end].elementsEqual(sum(of: text).hexadecimal.utf8)
    return (isWhole ? .title(text) : .damaged, end + 1)
  }

  private static func sum(of title: String) -> Checksum {
    var sum = Checksum()
    sum.add(title)
    return sum
  }

  private init(_ file: SharedFile, seed: UInt64, place: Int) {
    self.file = file
    self.seed = seed
    self.place = place
  }

  /// Opens a file, or begins it.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - title: What it is about, on one line without tabulators.
  ///   - kind: What all titles of its kind begin with.
  /// - Returns: The file, unless it has another title; then how it begins.
  /// - Throws: `FileError`.
  package static func open(
    _ path: String, title: String, kind: String
  ) throws(FileError) -> (file: RecordFile?, found: Beginning) {
    precondition(title.hasPrefix(kind) && !title.utf8.contains { $0 == 9 || $0 == 10 })
    let file = try SharedFile(path: path)
    let sum = sum(of: title)
    let line = Array("\(title)\t\(sum.hexadecimal)\n".utf8)
    let (found, length) = try file.alone { () throws(FileError) -> (Beginning, length: Int) in
      let size = try file.size()
      let found = beginning(try file.bytes(in: 0..<min(size, titleLimit)), kind)
      guard found.0 == .nothing else { return found }
      try file.cut(to: 0)
      try file.append(line)
      return (.title(title), line.count)
    }
    guard found == .title(title) else { return (nil, found) }
    return (RecordFile(file, seed: sum.value, place: length), found)
  }

  /// Reads the records that were added since the last reading or writing, by whatever process.
  ///
  /// - Parameter take: Given the bytes of each, in their order.
  /// - Returns: The number of damaged records among them.
  /// - Throws: `FileError`.
  package mutating func read(_ take: (ArraySlice<UInt8>) -> Void) throws(FileError) -> Int {
    try alone { (this: inout Self) throws(FileError) -> Int in try this.readNew(take) }
  }

  /// Adds records; those that others have added meanwhile are read first.
  ///
  /// - Parameters:
  ///   - records: The bytes of each.
  ///   - take: Given the bytes of each of the others'.
  /// - Returns: The number of damaged records among those of others.
  /// - Throws: `FileError`, such as for a full disk; then none of them is in the file.
  package mutating func append(
    _ records: [[UInt8]], others take: (ArraySlice<UInt8>) -> Void = { _ in }
  ) throws(FileError) -> Int {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(records.reduce(0) { $0 + $1.count + Self.frame })
    for record in records {
      bytes += Self.mark
      withUnsafeBytes(of: UInt32(record.count).littleEndian) { bytes += $0 }
      bytes += record
      withUnsafeBytes(of: sum(of: record[...]).littleEndian) { bytes += $0 }
    }
    return try alone { (this: inout Self) throws(FileError) -> Int in
      let damaged = try this.readNew(take)
      try this.file.append(bytes)
      this.place += bytes.count
      return damaged
    }
  }

  private mutating func alone<Result>(
    _ work: (inout Self) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    var copy = self
    let result = try file.alone { () throws(FileError) -> Result in try work(&copy) }
    self = copy
    return result
  }

  func sum(of record: ArraySlice<UInt8>) -> UInt64 {
    var sum = Checksum(seed: seed)
    sum.add(record)
    return sum.value
  }

  /// Reads from `place` to the end of the file, which nobody changes meanwhile.
  mutating func readNew(_ take: (ArraySlice<UInt8>) -> Void) throws(FileError) -> Int {
    let end = try file.size()
    guard end > place else {
      // Somebody else has cut it, which no process of ours does to what others have read.
      guard end == place else {
        throw FileError(path: file.path, action: "find its end", code: EIO)
      }
      return 0
    }
    var window = Window(file, end: end)
    var damaged = 0
    var lost: (place: Int, damaged: Int)?
    while place < end {
      if let record = try whole(at: place, &window) {
        lost = nil
        take(record)
        place += record.count + Self.frame
        continue
      }
      let isMarked = try window.bytes(at: place, 4).elementsEqual(Self.mark)
      if lost == nil || isMarked { damaged += 1 }
      lost = lost ?? (place, damaged - 1)
      place = try nextMark(after: place, &window) ?? end
    }
    if let lost, try isCutShort(at: lost.place, &window) {
      try file.cut(to: lost.place)
      place = lost.place
      // What looked like others was within it.
      damaged = lost.damaged
    }
    return damaged
  }

  /// The bytes of the record that begins at a place, if there is one.
  private func whole(at place: Int, _ window: inout Window) throws(FileError) -> ArraySlice<UInt8>?
  {
    guard let length = try length(at: place, &window), place + length + Self.frame <= window.end
    else { return nil }
    let bytes = try window.bytes(at: place, length + Self.frame)
    let record = bytes.dropFirst(8).prefix(length)
    let stored = bytes.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return stored == sum(of: record) ? record : nil
  }

  /// The length that a record says of itself behind its mark.
  private func length(at place: Int, _ window: inout Window) throws(FileError) -> Int? {
    let head = try window.bytes(at: place, 8)
    guard head.count == 8, head.starts(with: Self.mark) else { return nil }
    return Int(head.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
  }

  /// Whether what begins at a place and is followed by nothing that can be read is the beginning of a record.
  private func isCutShort(at place: Int, _ window: inout Window) throws(FileError) -> Bool {
    let head = try window.bytes(at: place, 8)
    guard head.count == 8 else {
      return head.starts(with: Self.mark) || Self.mark.starts(with: head)
    }
    return try length(at: place, &window).map { place + $0 + Self.frame > window.end } ?? false
  }

  private func nextMark(after place: Int, _ window: inout Window) throws(FileError) -> Int? {
    var start = place + 1
    while start < window.end {
      let bytes = try window.bytes(at: start, 1 << 16)
      var rest = bytes
      while let index = rest.firstIndex(of: Self.mark[0]) {
        let found = bytes[index...].prefix(4)
        if Self.mark.starts(with: found) { return start + index - bytes.startIndex }
        rest = bytes[(index + 1)...]
      }
      start += bytes.count
    }
    return nil
  }

  /// A part of a file in memory, which moves along it.
  private struct Window {
    private let file: SharedFile
    let end: Int
    private var base = 0
    private var bytes: [UInt8] = []

    init(_ file: SharedFile, end: Int) {
      self.file = file
      self.end = end
    }

    /// As many bytes from a place on as there are, at most a number of them.
    mutating func bytes(at place: Int, _ count: Int) throws(FileError) -> ArraySlice<UInt8> {
      let last = min(place + count, end)
      if place < base || last > base + bytes.count {
        bytes = try file.bytes(in: place..<min(max(last, place + (1 << 20)), end))
        base = place
      }
      return bytes[(place - base)..<(last - base)]
    }
  }
}
