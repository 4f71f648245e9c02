import Archives
import Foundation
import TestSupport
import Testing

@Suite struct ZipTests {
  let files: [(name: String, bytes: [UInt8])] = [
    ("x.npy", (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }), ("folder/y", []),
    ("ÿ.txt", Array("deflate".utf8)),
  ]

  private func encoded() throws -> [UInt8] { try ZipEncoder.encoded(files) }

  @Test func roundTrip() throws {
    let archive = try ZipArchive(bytes: encoded(), name: "a.zip")
    #expect(archive.entries.map(\.name) == files.map(\.name))
    for (entry, file) in zip(archive.entries, files) {
      #expect(entry.byteCount == file.bytes.count)
      #expect(entry.isStored)
      #expect(try archive.contents(of: entry, limit: file.bytes.count) == file.bytes)
    }
  }

  @Test func sameBytesEachTime() throws { #expect(try encoded() == encoded()) }

  @Test func readsFilesAndGzippedFiles() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    for bytes in [try encoded(), storedGzip(try encoded())] {
      let archive = try ZipArchive(path: folder.write(bytes, to: "a.zip"))
      let entry = try #require(archive.entry(named: "x.npy"))
      #expect(try archive.contents(of: entry, limit: 1 << 20) == files[0].bytes)
    }
  }

  @Test func refusesRepeatedNamesAndNoFiles() {
    #expect(throws: ArchiveError.self) { try ZipEncoder.encoded([("a", [1]), ("a", [2])]) }
    #expect(throws: ArchiveError.self) { try ZipEncoder.encoded([]) }
  }

  @Test func limitIsExact() throws {
    let archive = try ZipArchive(bytes: encoded(), name: "a.zip")
    let error = #expect(throws: ArchiveError.self) {
      try archive.contents(of: archive.entries[0], limit: 4999)
    }
    #expect(error?.kind == .tooLarge)
    #expect(error?.source == "a.zip: x.npy")
  }

  @Test func everyTruncationIsRefused() throws {
    let whole = try encoded()
    for count in stride(from: 0, to: whole.count, by: 13) {
      #expect(throws: ArchiveError.self, "\(count) bytes") {
        try ZipArchive(bytes: Array(whole[..<count]), name: "a.zip")
      }
    }
  }

  @Test func flippedBytesAreNoticedOrHarmless() throws {
    let whole = try encoded()
    for place in stride(from: 0, to: whole.count, by: 3) {
      var broken = whole
      broken[place] ^= 0xFF
      do {
        let archive = try ZipArchive(bytes: broken, name: "a.zip")
        for entry in archive.entries {
          let bytes = try archive.contents(of: entry, limit: 1 << 20)
          // The checksum leaves the names and times unguarded, never the contents.
          #expect(files.contains { $0.bytes == bytes }, "byte \(place)")
        }
      } catch {
        #expect(!error.message.isEmpty, "byte \(place)")
      }
    }
  }

  @Test func whatIsNoArchiveSaysSo() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(Array("no archive".utf8), to: "a.zip")
    let error = #expect(throws: ArchiveError.self) { try ZipArchive(path: path) }
    #expect(error?.description.hasPrefix("\(path): expected a ZIP archive: ") == true)
    let missing = #expect(throws: ArchiveError.self) { try ZipArchive(path: path + "x") }
    #expect(missing?.kind == .unreadable)
    #expect(throws: ArchiveError.self) { try ZipArchive(path: folder.path) }
  }
}
