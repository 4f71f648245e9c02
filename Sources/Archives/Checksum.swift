import CZlib

/// The checksum of gzip and ZIP (CRC-32) of bytes that come in pieces.
///
/// It finds every flipped bit; whoever damages a file on purpose can make it fit.
package struct Checksum {
  /// The sum of all bytes so far.
  package private(set) var value: UInt32 = 0

  /// Creates the sum of no bytes.
  package init() {}

  /// Adds bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    // zlib counts in 32 bits.
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let start = piece.bindMemory(to: UInt8.self).baseAddress
      value = UInt32(truncatingIfNeeded: crc32(UInt(value), start, UInt32(piece.count)))
      rest = rest.dropFirst(piece.count)
    }
  }

  /// Adds the length of a text and its UTF-8 form, so that joined texts differ from others that are.
  package mutating func add(_ text: String) {
    withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { add($0) }
    Array(text.utf8).withUnsafeBytes { add($0) }
  }
}
