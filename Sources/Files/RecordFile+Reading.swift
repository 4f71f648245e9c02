import Platform

extension RecordFile {
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
