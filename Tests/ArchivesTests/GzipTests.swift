import Archives
import Foundation
import TestSupport
import Testing

@Suite struct GzipTests {
  let text = Array("to be or not to be".utf8)

  @Test func decompressesOneMember() throws {
    #expect(try Gzip.decompress(storedGzip(text), named: "a.gz", limit: 18) == text)
    #expect(try Gzip.decompress(storedGzip([]), named: "a.gz", limit: 0) == [])
  }

  @Test func joinsMembers() throws {
    let members = storedGzip(text) + storedGzip([]) + storedGzip([33, 34])
    #expect(try Gzip.decompress(members, named: "a.gz", limit: 20) == text + [33, 34])
  }

  @Test func refusesEveryTruncation() {
    let whole = storedGzip(text)
    for count in 0..<whole.count {
      #expect(
        throws: ArchiveError(
          .compression, in: "a.gz", at: count, "the gzip data end before they are complete")
      ) {
        try Gzip.decompress(Array(whole[..<count]), named: "a.gz", limit: 100)
      }
    }
  }

  @Test func refusesEveryFlippedByte() {
    // The bytes 4 to 9 are the time, a hint and the system, which carry nothing to check.
    let whole = storedGzip(text)
    for place in whole.indices where !(4...9).contains(place) {
      var broken = whole
      broken[place] ^= 0xFF
      let error = #expect(throws: ArchiveError.self, "byte \(place)") {
        try Gzip.decompress(broken, named: "a.gz", limit: 1 << 20)
      }
      #expect(error?.kind == .compression)
    }
  }

  @Test func saysWhatIsDamaged() {
    var broken = storedGzip(text)
    broken[20] ^= 1
    let error = #expect(throws: ArchiveError.self) {
      try Gzip.decompress(broken, named: "a.gz", limit: 100)
    }
    #expect(
      error?.description == "a.gz: byte 37: the gzip data are damaged: incorrect data check")
  }

  @Test func refusesWhatFollowsTheEnd() {
    let whole = storedGzip(text)
    #expect(
      throws: ArchiveError(
        .compression, in: "a.gz", at: whole.count, "3 bytes after the end of the gzip data")
    ) {
      try Gzip.decompress(whole + [0, 0, 0], named: "a.gz", limit: 100)
    }
  }

  @Test func limitIsExact() throws {
    let members = storedGzip(text) + storedGzip(text)
    #expect(try Gzip.decompress(members, named: "a.gz", limit: 36).count == 36)
    let error = #expect(throws: ArchiveError.self) {
      try Gzip.decompress(members, named: "a.gz", limit: 35)
    }
    #expect(error?.kind == .tooLarge)
    #expect(
      error?.description == "a.gz: decompresses to more than the 35 bytes that are allowed for it")
  }

  @Test func zerosAreGenuine() throws {
    let zeros = try Gzip.decompress(
      zerosGzip(length: 5, crc: 0x3329_EC15), named: "zeros.gz", limit: 5677)
    #expect(zeros == [UInt8](repeating: 0, count: 5677))
  }

  @Test func gigabyteOfZerosIsNotAllocated() throws {
    let bomb = zerosGzip(length: 1_040_448, crc: 0xEDEA_2F3C)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(bomb, to: "bomb.gz")
    let before = peakMemory()
    let error = #expect(throws: ArchiveError.self) { try FileContents(inflating: path) }
    #expect(error?.kind == .tooLarge)
    #expect(error?.source == path)
    #expect(peakMemory() - before < 600 << 20)
  }

  /// The most bytes of memory that the process has held so far.
  private func peakMemory() -> Int {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss << 10
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }
}
