import Archives
import TestSupport
import Testing

@Suite struct ByteSourceTests {
  private let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0 * $0 / 3) }

  /// The same bytes as a file, gzipped, in memory and as an entry of an archive.
  private func sources(_ folder: TemporaryFolder) throws -> [any ByteSource] {
    let zip = try ZipEncoder.encoded([("a", [1, 2]), ("b", bytes), ("c", [3])])
    let archives = try [
      ZipArchive(bytes: zip, name: "memory"), ZipArchive(path: folder.write(zip, to: "a.zip")),
    ]
    return try [
      ByteSources.open(folder.write(bytes, to: "plain")),
      ByteSources.open(folder.write(storedGzip(bytes), to: "gzipped")),
      FileContents(name: "memory", bytes: bytes),
    ] + archives.map { try $0.source(of: $0.entries[1], limit: 0) }
  }

  @Test func allReadTheSame() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for source in try sources(folder) {
      #expect(source.count == bytes.count)
      for range in [0..<3000, 2999..<3000, 100..<2000, 0..<1, 1500..<1500, 7..<9] {
        #expect(try source.bytes(at: range) == Array(bytes[range]), "\(source.name) \(range)")
      }
      #expect(try source.bytes(at: 2990..<4000) == Array(bytes[2990...]))
    }
  }

  @Test func entriesWithoutBytesAreRead() throws {
    let zip = try ZipEncoder.encoded([("a", []), ("b", [7]), ("c", [])])
    let archive = try ZipArchive(bytes: zip, name: "memory")
    for (entry, count) in Swift.zip(archive.entries, [0, 1, 0]) {
      let source = try archive.source(of: entry, limit: 8)
      #expect(source.count == count)
      #expect(try source.bytes(at: 0..<12).count == count)
      #expect(try source.bytes(at: 0..<0) == [])
    }
  }

  @Test func noPartOfADamagedEntryIsGiven() throws {
    let zip = try ZipEncoder.encoded([("a", bytes)])
    let start = try #require(zip.firstRange(of: bytes)).lowerBound
    for place in [start, start + 1500, start + 2999] {
      var broken = zip
      broken[place] ^= 4
      let archive = try ZipArchive(bytes: broken, name: "a.zip")
      let error = #expect(throws: ArchiveError.self) {
        try archive.source(of: archive.entries[0], limit: 0)
      }
      #expect(error?.description == "a.zip: a: is damaged: CRC error")
    }
  }

  @Test func aChecksumOfNoBytesIsZero() throws {
    var zip = try ZipEncoder.encoded([("a", [])])
    // The checksum in the entry's own header, and that in the directory.
    for place in [14, try #require(zip.firstRange(of: [0x50, 0x4B, 1, 2])).lowerBound + 16] {
      zip[place] = 1
    }
    let archive = try ZipArchive(bytes: zip, name: "a.zip")
    #expect(throws: ArchiveError.self) { try archive.source(of: archive.entries[0], limit: 8) }
    #expect(throws: ArchiveError.self) { try archive.contents(of: archive.entries[0], limit: 8) }
  }

  @Test func manyThreadsMayRead() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let bytes = bytes
    for source in try sources(folder) {
      await withTaskGroup { group in
        for task in 0..<8 {
          group.addTask {
            for step in 0..<200 {
              let start = (task * 331 + step * 17) % 2900
              let part = try? source.bytes(at: start..<start + 100)
              #expect(part == Array(bytes[start..<start + 100]))
            }
          }
        }
      }
    }
  }
}
