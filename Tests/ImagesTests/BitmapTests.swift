import Images
import TestSupport
import Testing

@Suite struct BitmapTests {
  private func noise(
    _ width: Int, _ height: Int, _ channels: Bitmap.Channels, seed: UInt64 = 1
  ) -> Bitmap {
    var generator = SeededGenerator(seed)
    let count = width * height * channels.rawValue
    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return Bitmap(width: width, height: height, channels: channels, bytes: bytes)
  }

  @Test(arguments: [(1, 1), (28, 28), (3, 200), (257, 5), (300, 300)])
  func everyImageSurvivesPNG(width: Int, height: Int) throws {
    for channels in [Bitmap.Channels.grey, .rgb] {
      // Noise does not compress, so this also proves the bound on the encoded size.
      let image = noise(width, height, channels)
      #expect(try Bitmap(png: image.png()) == image)
      let flat = Bitmap(
        width: width, height: height, channels: channels,
        bytes: Array(repeating: 90, count: image.bytes.count))
      #expect(try Bitmap(png: flat.png()) == flat)
    }
  }

  @Test func encodingIsReproducible() throws {
    let image = noise(20, 20, .rgb)
    #expect(try image.png() == image.png())
    #expect(try image.png().starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
  }

  @Test func truncatedFilesAreRefused() throws {
    let file = try noise(9, 7, .rgb).png()
    // Without the last chunk the pixels are complete, and libpng is content.
    for length in stride(from: 0, to: file.count - 16, by: 3) {
      #expect(throws: PNGError.self) { try Bitmap(png: Array(file.prefix(length))) }
    }
  }

  @Test func damagedFilesNeverTrap() throws {
    let file = try noise(16, 16, .grey).png()
    var generator = SeededGenerator(7)
    var refused = 0
    for _ in 0..<2000 {
      var damaged = file
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let index = Int.random(in: 0..<file.count, using: &generator)
        damaged[index] = UInt8.random(in: 0...255, using: &generator)
      }
      do throws(PNGError) { _ = try Bitmap(png: damaged) } catch { refused += 1 }
    }
    #expect(refused > 1500)
  }

  @Test func hugeDeclarationsAreRefusedBeforeAllocation() throws {
    func declare(_ width: UInt32, _ height: UInt32) throws -> [UInt8] {
      var file = try noise(4, 4, .grey).png()
      for (offset, value) in [(16, width), (20, height)] {
        for byte in 0..<4 {
          file[offset + byte] = UInt8(truncatingIfNeeded: value >> (24 - 8 * byte))
        }
      }
      file.replaceSubrange(29..<33, with: crc(file[12..<29]))
      return file
    }
    #expect(throws: PNGError.tooLarge(width: 20_000, height: 4, limit: 16_384)) {
      try Bitmap(png: declare(20_000, 4))
    }
    let file = try declare(16_000, 16_000)
    #expect(throws: PNGError.implausible(width: 16_000, height: 16_000, fileSize: file.count)) {
      try Bitmap(png: file)
    }
    #expect(throws: PNGError.tooLarge(width: 4, height: 4, limit: 3)) {
      try Bitmap(png: declare(4, 4), sideLimit: 3)
    }
  }

  private func crc(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    value = ~value
    return (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
  }

  @Test func valuesRoundToTheNearestLevel() {
    let image = Bitmap(
      width: 8, height: 1, planes: [0, 1, 0.5, 1 / 255, 0.4999 / 255, -3, 7, .nan])
    #expect(image.bytes == [0, 255, 128, 1, 0, 0, 255, 0])
  }

  @Test func planesBecomePixels() {
    let image = Bitmap(width: 2, height: 1, channels: .rgb, planes: [0, 1, 0.2, 0.4, 0.6, 0.8])
    #expect(image.bytes == [0, 51, 153, 255, 102, 204])
  }

  @Test func signedMapsAreNeutralAtZeroAndDiverge() {
    let image = Bitmap(width: 5, height: 1, signedPlanes: [-9, -0.3, 0, 0.3, .nan], radius: 0.3)
    #expect(Array(image.pixel(x: 0, y: 0)) == [33, 102, 172])
    #expect(Array(image.pixel(x: 1, y: 0)) == [33, 102, 172])
    #expect(Array(image.pixel(x: 2, y: 0)) == [247, 247, 247])
    #expect(Array(image.pixel(x: 3, y: 0)) == [178, 24, 43])
    #expect(Array(image.pixel(x: 4, y: 0)) == [247, 247, 247])
    let color = Bitmap(
      width: 1, height: 1, channels: .rgb, signedPlanes: [-1, 0, 1], radius: 1)
    #expect(color.bytes == [1, 128, 255])
  }

  @Test func scalingRepeatsPixels() {
    let image = Bitmap(width: 2, height: 2, channels: .grey, bytes: [1, 2, 3, 4])
    #expect(image.scaled(by: 1) == image)
    #expect(
      image.scaled(by: 2)
        == Bitmap(
          width: 4, height: 4, channels: .grey,
          bytes: [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]))
    let big = noise(5, 3, .rgb).scaled(by: 3)
    #expect(big.width == 15 && big.height == 9)
    #expect(Array(big.pixel(x: 13, y: 8)) == Array(noise(5, 3, .rgb).pixel(x: 4, y: 2)))
  }
}
