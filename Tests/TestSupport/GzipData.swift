/// Gzip data of one member that stores the bytes as they are, in one block of at most 65,535 bytes.
package func storedGzip(_ bytes: [UInt8]) -> [UInt8] {
  let count = littleEndian(UInt32(bytes.count))[..<2]
  return gzipHeader + [1] + count + count.map { ~$0 } + bytes
    + littleEndian(crc32(bytes)) + littleEndian(UInt32(bytes.count))
}

/// Gzip data of 517 + 1032 `length` zeros in `length` + 32 or so bytes, the most that deflate can do.
///
/// One block of dynamic codes: a literal zero, then matches of 258 bytes, each two zero bits long.
package func zerosGzip(length: Int, crc: UInt32) -> [UInt8] {
  let start: [UInt8] = [
    0xED, 0xE0, 0x81, 0, 0, 0, 0, 0x80, 0x20, 0xEC, 0x4F, 0xBD, 0x48, 0x05,
  ]
  return gzipHeader + start + [UInt8](repeating: 0, count: length) + [3]
    + littleEndian(crc) + littleEndian(UInt32(517 + 1032 * length))
}

/// The header without name and time.
private let gzipHeader: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

private func bigEndian(_ value: UInt32) -> [UInt8] {
  stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
}

private func littleEndian(_ value: UInt32) -> [UInt8] { bigEndian(value).reversed() }

/// The checksum of gzip, bit by bit.
package func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc = UInt32.max
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return ~crc
}
