import Images
import TestSupport
import Testing

/// Animated PNG files, and pictures that are laid side by side.
@Suite struct AnimationTests {
  /// A chunk as it stands in a file.
  private struct Chunk {
    let kind: String
    let data: [UInt8]
    let checksum: UInt32
  }

  private func chunks(_ file: [UInt8]) throws -> [Chunk] {
    #expect(file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    var chunks: [Chunk] = []
    var place = 8
    while place < file.count {
      let length = Int(number(file[place..<place + 4]))
      let end = place + 8 + length
      try #require(end + 4 <= file.count)
      chunks.append(
        Chunk(
          kind: String(decoding: file[place + 4..<place + 8], as: UTF8.self),
          data: Array(file[place + 8..<end]), checksum: number(file[end..<end + 4])))
      place = end + 4
    }
    return chunks
  }

  private func number(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The CRC-32 of a chunk, bit by bit.
  private func checksum(_ chunk: Chunk) -> UInt32 {
    var value: UInt32 = ~0
    for byte in Array(chunk.kind.utf8) + chunk.data {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ value >> 1 }
    }
    return ~value
  }

  private func noise(_ width: Int, _ height: Int, _ channels: Bitmap.Channels, _ seed: UInt64)
    -> Bitmap
  {
    var generator = SeededGenerator(seed)
    let count = width * height * channels.rawValue
    return Bitmap(
      width: width, height: height, channels: channels,
      bytes: (0..<count).map { _ in .random(in: 0...255, using: &generator) })
  }

  @Test(arguments: [(1, 1, 1), (28, 28, 5), (7, 300, 3), (260, 260, 2)])
  func everyFrameIsThere(width: Int, height: Int, count: Int) throws {
    for channels in [Bitmap.Channels.grey, .rgb] {
      let frames = (0..<count).map { noise(width, height, channels, UInt64($0)) }
      let times = (0..<count).map { UInt16(40 + $0) }
      let file = try Bitmap.animation(frames, milliseconds: times, plays: 7)
      let all = try chunks(file)
      for chunk in all { #expect(chunk.checksum == checksum(chunk), "\(chunk.kind)") }
      #expect(all.first?.kind == "IHDR" && all.last?.kind == "IEND")
      let kinds = all.map(\.kind)
      let control = try #require(all.first { $0.kind == "acTL" })
      #expect(control.data == [0, 0, 0, UInt8(count), 0, 0, 0, 7])
      let first = try #require(kinds.firstIndex(of: "IDAT"))
      #expect(try #require(kinds.firstIndex(of: "acTL")) < first)
      // Each sequence number once, in order, over both kinds of chunks.
      let numbered = all.filter { $0.kind == "fcTL" || $0.kind == "fdAT" }
      #expect(numbered.map { number($0.data[0..<4]) } == numbered.indices.map { UInt32($0) })
      let controls = all.filter { $0.kind == "fcTL" }
      #expect(controls.count == count)
      for (place, control) in controls.enumerated() {
        #expect(control.data.count == 26)
        #expect(number(control.data[4..<8]) == UInt32(width))
        #expect(number(control.data[8..<12]) == UInt32(height))
        #expect(number(control.data[12..<20]) == 0)
        #expect(number(control.data[20..<22]) == UInt32(times[place]))
        #expect(number(control.data[22..<24]) == 1000)
      }
      // Without the chunks of the animation it is a PNG of the first frame, as old decoders see it.
      #expect(try Bitmap(png: file) == frames[0])
      // Each later frame is the PNG that its data make under the same header.
      for (place, frame) in frames.enumerated().dropFirst() {
        let own = try data(of: place, in: all)
        #expect(
          try own == data(of: 0, in: try chunks(Bitmap.animation([frame], milliseconds: [1]))))
      }
    }
  }

  /// The compressed data of a frame.
  private func data(of frame: Int, in chunks: [Chunk]) throws -> [UInt8] {
    var number = -1
    var data: [UInt8] = []
    for chunk in chunks {
      switch chunk.kind {
      case "fcTL": number += 1
      case "IDAT" where number == frame: data += chunk.data
      case "fdAT" where number == frame: data += chunk.data.dropFirst(4)
      default: break
      }
    }
    try #require(!data.isEmpty)
    return data
  }

  @Test func aMontageHasEachPictureInItsCell() {
    let (small, large) = (noise(3, 2, .grey, 1), noise(5, 4, .rgb, 2))
    let montage = Bitmap.montage([[small, large], [nil, small]], gap: 2)
    #expect(montage.width == 2 * 5 + 3 * 2 && montage.height == 2 * 4 + 3 * 2)
    #expect(montage.channels == .rgb)
    // The small picture is in the middle of a cell of 5 by 4 pixels.
    #expect(Array(montage.pixel(x: 2 + 1, y: 2 + 1)) == Array(repeating: small.bytes[0], count: 3))
    #expect(Array(montage.pixel(x: 2 + 5 + 2, y: 2)) == Array(large.bytes.prefix(3)))
    #expect(Array(montage.pixel(x: 0, y: 0)) == [255, 255, 255])
    #expect(Array(montage.pixel(x: 4, y: 9)) == [255, 255, 255])
    #expect(Bitmap.montage([[small]], gap: 0) == small)
  }
}
