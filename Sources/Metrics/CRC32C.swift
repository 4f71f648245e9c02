/// The cyclic redundancy check by Castagnoli's polynomial (RFC 3720), which files of TensorFlow are made with.
public enum CRC32C {
  /// What each byte does to the sum: the polynomial 0x1EDC6F41 with its bits reversed.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
  }

  /// The check of some bytes.
  public static func sum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    table.withUnsafeBufferPointer { table in
      ~bytes.reduce(~0) { sum, byte in table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ sum >> 8 }
    }
  }

  /// The check as it stands in files, so that the check of bytes with their own check is not a constant.
  public static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = sum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
