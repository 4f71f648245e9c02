import Datasets
import Tensors
import TestSupport
import Testing

@Suite struct IDXTests {
  let images = idxBytes([2, 2, 3], Array(10..<22))

  @Test func readsExtentsAndValues() throws {
    let array = try IDX(images, named: "a")
    #expect(array.shape == [2, 2, 3])
    #expect(Array(array.values) == Array(10..<22))
    #expect(array.name == "a")
  }

  @Test func readsFilesPlainAndCompressed() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let plain = try IDX(contentsOf: folder.write(images, to: "images"))
    let compressed = try IDX(contentsOf: folder.write(storedGzip(images), to: "images.gz"))
    #expect(plain.values == compressed.values)
    #expect(plain.shape == compressed.shape)
  }

  @Test func readsAnArrayWithoutValues() throws {
    let array = try IDX(idxBytes([.max, .max, .max, 0], []), named: "a")
    #expect(array.values.isEmpty)
    #expect(array.shape.extents == [0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0])
  }

  @Test(
    arguments: [
      ([0, 0, 8], "a: byte 3: ends within the magic number, expected an IDX file"),
      ([0, 1, 8, 1], "a: byte 0: found 00 01, expected 00 00, the start of an IDX file"),
      ([0x89, 0x50, 8, 1], "a: byte 0: found 89 50, expected 00 00, the start of an IDX file"),
      ([0, 0, 13, 1], "a: byte 2: found type 0D, expected 08, unsigned bytes"),
      ([0, 0, 8, 0], "a: byte 3: found rank 0, expected at least 1"),
      (
        [0, 0, 8, 2, 0, 0, 0, 1, 0],
        "a: byte 9: ends within the extents, expected 2 of 4 bytes each"
      ),
      ([0, 0, 8, 255, 0, 0], "a: byte 6: ends within the extents, expected 255 of 4 bytes each"),
      (
        idxBytes([2, 3], [1, 2, 3, 4, 5]),
        "a: byte 4: the extents 2x3 need more bytes than the 5 that follow them"
      ),
      (
        idxBytes([0xFFFF_FFFF], [1, 2]),
        "a: byte 4: the extents 4294967295 need more bytes than the 2 that follow them"
      ),
      (
        idxBytes([0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF], [1]),
        "a: byte 4: the extents 4294967295x4294967295x4294967295 need more bytes than the 1 that"
          + " follow them"
      ),
      (
        idxBytes([2, 3], [1, 2, 3, 4, 5, 6, 7, 8]),
        "a: byte 18: 2 bytes follow the values, expected the end after 2x3 values"
      ),
      (
        idxBytes([5, 0], [1]),
        "a: byte 12: 1 bytes follow the values, expected the end after 5x0 values"
      ),
    ] as [([UInt8], String)])
  func refusesMalformedBytes(bytes: [UInt8], message: String) {
    let error = #expect(throws: DatasetError.self) { try IDX(bytes, named: "a") }
    #expect(error?.kind == .format)
    #expect(error?.description == message)
  }

  @Test func refusesEveryTruncation() {
    for count in images.indices {
      let error = #expect(throws: DatasetError.self) {
        try IDX(Array(images[..<count]), named: "a")
      }
      #expect(error?.kind == .format)
    }
  }

  @Test func refusesEveryFlippedByteOfTheHeader() {
    for place in 0..<16 {
      var broken = images
      broken[place] ^= 0xFF
      let error = #expect(throws: DatasetError.self, "byte \(place)") {
        try IDX(broken, named: "a")
      }
      #expect(error?.kind == .format)
    }
  }

  @Test func namesTheUncompressedPlace() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = try folder.write(storedGzip([0, 0, 9, 1]), to: "images.gz")
    let error = #expect(throws: DatasetError.self) { try IDX(contentsOf: path) }
    #expect(
      error?.description
        == "\(path) (uncompressed): byte 2: found type 09, expected 08, unsigned bytes")
  }

  @Test func refusesWhatIsNoFile() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let missing = "\(folder.path)/none"
    #expect(
      throws: DatasetError(.unreadable, in: missing, "cannot be read: No such file or directory")
    ) { try IDX(contentsOf: missing) }
    #expect(
      throws: DatasetError(.unreadable, in: folder.path, "cannot be read: Is a directory")
    ) { try IDX(contentsOf: folder.path) }
    // Devices never end, so they are refused with a reason that differs between systems.
    let error = #expect(throws: DatasetError.self) { try IDX(contentsOf: "/dev/zero") }
    #expect(error?.kind == .unreadable)
  }
}
