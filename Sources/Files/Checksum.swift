/// A sum of 64 bits by which damage is told.
///
/// A change within eight bytes that lie in a row from a multiple of eight on, such as one flipped bit, always changes it; others
/// leave it as it is once in 2^64. Each step is a bijection of the sum for given bytes, and of the bytes for a given
/// sum. It is no protection against somebody who means to deceive.
package struct Checksum: Hashable, Sendable {
  /// The sum.
  package private(set) var value: UInt64

  /// Begins with nothing added.
  ///
  /// - Parameter seed: The sum of what belongs before.
  package init(seed: UInt64 = 0) { value = seed ^ 0x6769_6262_6f6e_2031 }

  /// Adds bytes and their number.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let whole = bytes.count & ~7
    for place in stride(from: 0, to: whole, by: 8) {
      add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
    }
    var rest: UInt64 = 0
    for place in whole..<bytes.count { rest |= UInt64(bytes[place]) << UInt64(8 * (place - whole)) }
    add(rest)
    add(UInt64(bytes.count))
  }

  /// Adds bytes and their number.
  package mutating func add(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { add($0) } }

  /// Adds a text and its length.
  package mutating func add(_ text: String) { add(Array(text.utf8)[...]) }

  /// Adds a number.
  package mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
    value ^= value >> 32
  }

  /// The sum as sixteen digits.
  package var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
