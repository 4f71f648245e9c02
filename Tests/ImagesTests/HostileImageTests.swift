import Files
import Images
import Testing

/// Files that ask for more than they hold.
@Suite struct HostileImageTests {
  private func file(_ name: String) throws -> [UInt8] {
    try WholeFile.read("\(PillowTests.folder)/\(name)")
  }

  /// The place of the extents in the first frame header of a JPEG file.
  private func frame(_ jpeg: [UInt8]) throws -> Int {
    let place = jpeg.indices.dropLast(9).first { place in
      jpeg[place] == 0xFF && [0xC0, 0xC2].contains(jpeg[place + 1])
    }
    return try #require(place) + 5
  }

  @Test(arguments: ["colour.jpg", "progressive.jpg", "grey.jpg"])
  func hugeJPEG(name: String) throws {
    var jpeg = try file(name)
    let place = try frame(jpeg)
    jpeg.replaceSubrange(place..<place + 4, with: [0xFF, 0xDC, 0xFF, 0xDC])
    let error = #expect(throws: ImageError.self) { try ImageFile.decode(jpeg, name: name) }
    #expect(error?.message.contains("a JPEG image of 65500x65500 pixels") == true)
  }

  @Test func hugePNG() throws {
    // The header's checksum would not fit; libpng looks at it before the size.
    for (width, height) in [(16_384, 16_384), (30_000, 2)] {
      let image = try Bitmap(
        width: width == 30_000 ? width : 1, height: height == 2 ? height : 1, channels: .grey,
        bytes: [UInt8](repeating: 0, count: width == 30_000 ? 60_000 : 1)
      ).png()
      if width == 30_000 {
        let error = #expect(throws: PNGError.self) { try Bitmap(png: image) }
        #expect(error == .tooLarge(width: 30_000, height: 2, limit: 16_384))
      } else {
        var header = Array(image[12..<29])
        header.replaceSubrange(4..<12, with: [0, 0, 0x40, 0, 0, 0, 0x40, 0])
        var broken = image
        broken.replaceSubrange(12..<33, with: header + crc(header))
        let error = #expect(throws: PNGError.self) { try Bitmap(png: broken) }
        #expect(
          error == .implausible(width: 16_384, height: 16_384, fileSize: broken.count))
        // As many bytes as could hold so many pixels do not make it less of a bomb.
        let padded = broken + [UInt8](repeating: 0, count: 1 << 20)
        let more = #expect(throws: PNGError.self) { try Bitmap(png: padded) }
        #expect(more == .tooManyPixels(width: 16_384, height: 16_384, limit: 1 << 26))
      }
    }
  }

  private func crc(_ bytes: [UInt8]) -> [UInt8] {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return (0..<4).map { UInt8(truncatingIfNeeded: ~crc >> UInt32(24 - 8 * $0)) }
  }
}
