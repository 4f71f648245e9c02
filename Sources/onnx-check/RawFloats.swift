import Files

/// Files of raw little-endian floats.
enum RawFloats {
  static func read(_ path: String) throws -> [Float] {
    let bytes = try WholeFile.read(path)
    return bytes.withUnsafeBytes { buffer in
      (0..<bytes.count / 4).map {
        Float(
          bitPattern: UInt32(
            littleEndian: buffer.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }

  static func write(_ values: [Float], to path: String) throws {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * values.count)
    for value in values {
      let bits = value.bitPattern
      for shift in stride(from: 0, to: 32, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
    try AtomicFile.write(bytes, to: path)
  }
}
