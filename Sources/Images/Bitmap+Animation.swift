extension Bitmap {
  /// Pictures of one size as an animated PNG file in memory, which programs without animations show as the first picture.
  ///
  /// Each picture is encoded as a PNG file of its own; the chunks of its data go into the animation, between `fcTL` chunks
  /// that say how long it stays. See "PNG specification, third edition", sections 11.3.6 and 12.6,
  /// https://www.w3.org/TR/png-3/.
  ///
  /// - Parameters:
  ///   - frames: The pictures, at least one, all of one size and with the same channels.
  ///   - milliseconds: How long each picture stays, as many as pictures.
  ///   - plays: How often the animation is played; 0 for ever.
  /// - Returns: The file.
  /// - Throws: `PNGError.notEncodable`, where a picture cannot be encoded.
  public static func animation(
    _ frames: [Bitmap], milliseconds: [UInt16], plays: UInt32 = 0
  ) throws(PNGError) -> [UInt8] {
    precondition(
      !frames.isEmpty && frames.count == milliseconds.count, "\(frames.count) pictures")
    precondition(
      frames.allSatisfy {
        $0.width == frames[0].width && $0.height == frames[0].height
          && $0.channels == frames[0].channels
      }, "pictures of several sizes")
    var file = PNGChunks.signature
    var number: UInt32 = 0
    for (place, frame) in frames.enumerated() {
      let chunks = PNGChunks.read(try frame.png())
      let data = chunks.filter { $0.kind == "IDAT" }
      if place == 0 {
        // What stands before the data, such as the header, holds for all pictures.
        for chunk in chunks.prefix(while: { $0.kind != "IDAT" }) {
          PNGChunks.append(chunk.kind, Array(chunk.data), to: &file)
          if chunk.kind == "IHDR" {
            PNGChunks.append(
              "acTL", PNGChunks.bytes(UInt32(frames.count)) + PNGChunks.bytes(plays), to: &file)
          }
        }
      }
      PNGChunks.append(
        "fcTL", control(of: frame, number: number, milliseconds[place]), to: &file)
      number += 1
      for chunk in data {
        if place == 0 {
          PNGChunks.append("IDAT", Array(chunk.data), to: &file)
        } else {
          PNGChunks.append("fdAT", PNGChunks.bytes(number) + chunk.data, to: &file)
          number += 1
        }
      }
    }
    PNGChunks.append("IEND", [], to: &file)
    return file
  }

  /// What an `fcTL` chunk says: the whole area, which replaces what was shown.
  private static func control(
    of frame: Bitmap, number: UInt32, _ milliseconds: UInt16
  ) -> [UInt8] {
    [number, UInt32(frame.width), UInt32(frame.height), 0, 0].flatMap(PNGChunks.bytes)
      + PNGChunks.bytes(milliseconds) + PNGChunks.bytes(1000 as UInt16) + [0, 0]
  }
}

/// The chunks of which a PNG file is made.
enum PNGChunks {
  /// The first bytes of each file.
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The chunks of a whole file that libpng wrote.
  static func read(_ file: [UInt8]) -> [(kind: String, data: ArraySlice<UInt8>)] {
    var chunks: [(kind: String, data: ArraySlice<UInt8>)] = []
    var place = signature.count
    while place + 12 <= file.count {
      let length = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let kind = String(decoding: file[place + 4..<place + 8], as: UTF8.self)
      chunks.append((kind, file[place + 8..<place + 8 + length]))
      place += length + 12
    }
    return chunks
  }

  /// Adds a chunk with its length and its checksum.
  static func append(_ kind: String, _ data: [UInt8], to file: inout [UInt8]) {
    let body = Array(kind.utf8) + data
    file += bytes(UInt32(data.count)) + body + bytes(checksum(of: body))
  }

  /// A number, its highest byte first.
  static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  /// The CRC-32 of kind and data (PNG specification, annex D).
  static func checksum(of bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(byte as UInt32) { value, _ in
      value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ (value >> 1)
    }
  }
}
