import Files
import Foundation
import Testing

@Suite struct RecordFileTests {
  private static let kind = "{\"test\":"
  private static let title = "{\"test\":1,\"of\":\"this\"}"
  // One is empty, and one looks like the frame of a record.
  private static let records: [[UInt8]] = [
    Array("first".utf8), [], [0x47, 0xeb, 0x52, 0x0a, 3, 0, 0, 0, 1, 2, 3],
    Array(repeating: 0x47, count: 70),
  ]

  private func withFile(_ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "/records-" + UUID().uuidString
    defer { unlink(path) }
    try body(path)
  }

  private func open(_ path: String) throws -> RecordFile {
    try #require(try RecordFile.open(path, title: Self.title, kind: Self.kind).file)
  }

  private func read(_ file: inout RecordFile) throws -> (records: [[UInt8]], damaged: Int) {
    var found: [[UInt8]] = []
    let damaged = try file.read { found.append(Array($0)) }
    return (found, damaged)
  }

  /// The bytes of a file with all records.
  private func bytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withFile { path in
      var file = try open(path)
      for record in Self.records { #expect(try file.append([record]) == 0) }
      bytes = try WholeFile.read(path)
    }
    return bytes
  }

  @Test func whatIsWrittenIsRead() throws {
    try withFile { path in
      #expect(try RecordFile.beginning(of: path, kind: Self.kind) == .nothing)
      var file = try open(path)
      #expect(try file.append(Self.records) == 0)
      // Its own records are not read again.
      #expect(try read(&file).records.isEmpty)
      var other = try open(path)
      let found = try read(&other)
      #expect(found.records == Self.records && found.damaged == 0)
      #expect(try RecordFile.beginning(of: path, kind: Self.kind) == .title(Self.title))
      #expect(try RecordFile.beginning(of: path, kind: "other") == .foreign)
      let wrong = try RecordFile.open(path, title: "{\"test\":2}", kind: Self.kind)
      #expect(wrong.file == nil && wrong.found == .title(Self.title))
    }
  }

  @Test func severalShareAFile() throws {
    try withFile { path in
      var (first, second) = (try open(path), try open(path))
      var seen: [[UInt8]] = []
      for round in UInt8(0)..<20 {
        _ = try first.append([[round, 1]])
        _ = try second.append([[round, 2], [round, 3]]) { seen.append(Array($0)) }
      }
      #expect(seen == (UInt8(0)..<20).map { [$0, 1] })
      #expect(try read(&first).records == [[19, 2], [19, 3]] && read(&second).records.isEmpty)
      var third = try open(path)
      #expect(try read(&third).records.count == 60)
    }
  }

  @Test func threadsShareAFile() async throws {
    let path = NSTemporaryDirectory() + "/records-" + UUID().uuidString
    defer { unlink(path) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in UInt8(0)..<4 {
        group.addTask {
          let opened = try RecordFile.open(path, title: Self.title, kind: Self.kind)
          var file = try #require(opened.file)
          for round in UInt8(0)..<50 { #expect(try file.append([[writer, round]]) == 0) }
        }
      }
      try await group.waitForAll()
    }
    var file = try open(path)
    let found = try read(&file)
    #expect(Set(found.records).count == 200 && found.damaged == 0)
  }

  /// A process may be killed after any byte that it writes.
  @Test func aFileThatIsCutAnywhereGoesOn() throws {
    let whole = try bytes()
    var ends: [Int] = []
    try withFile { path in
      for count in 0...Self.records.count {
        unlink(path)
        var file = try open(path)
        _ = try file.append(Array(Self.records[..<count]))
        ends.append(try WholeFile.read(path).count)
      }
    }
    for length in 0...whole.count {
      try withFile { path in
        _ = FileManager.default.createFile(atPath: path, contents: Data(whole[..<length]))
        var file = try open(path)
        let found = try read(&file)
        let expected = Self.records[..<max(0, ends.count { $0 <= length } - 1)]
        #expect(found.records == Array(expected) && found.damaged == 0, "cut to \(length)")
        _ = try file.append([[1, 2, 3]])
        var again = try open(path)
        let later = try read(&again)
        #expect(later.records == expected + [[1, 2, 3]] && later.damaged == 0, "cut to \(length)")
      }
    }
  }

  @Test func aFlippedBitTakesOneRecord() throws {
    let whole = try bytes()
    let titleCount = Self.title.utf8.count + 18
    for bit in 0..<8 * whole.count {
      var bytes = whole
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      try withFile { path in
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
        let opened = try RecordFile.open(path, title: Self.title, kind: Self.kind)
        guard bit / 8 >= titleCount else {
          // Nothing is built on a damaged title, nor is it replaced.
          #expect(opened.file == nil && opened.found != .title(Self.title), "bit \(bit)")
          #expect(try WholeFile.read(path) == bytes)
          return
        }
        var file = try #require(opened.file)
        let found = try read(&file)
        let missing = Self.records.filter { !found.records.contains($0) }
        #expect(missing.count == 1 && found.records.count == 3, "bit \(bit)")
        // The length of the last record may look like that of one that was cut short.
        #expect(found.damaged >= 1 || missing == [Self.records[3]], "bit \(bit)")
        _ = try file.append(missing)
        var again = try open(path)
        #expect(try Set(read(&again).records) == Set(Self.records), "bit \(bit)")
      }
    }
  }

  @Test func whatIsNoFileOfRecordsIsLeftAlone() throws {
    for text in ["something else", "something\nelse\n", Self.title + "\nno checksum", "{\"tes!"] {
      try withFile { path in
        try AtomicFile.write(text, to: path)
        let opened = try RecordFile.open(path, title: Self.title, kind: Self.kind)
        #expect(opened.file == nil && [.foreign, .damaged].contains(opened.found), "\(text)")
        #expect(try WholeFile.read(path) == Array(text.utf8))
      }
    }
    #expect(throws: FileError.self) {
      try RecordFile.open("/dev/null", title: Self.title, kind: Self.kind)
    }
  }
}
