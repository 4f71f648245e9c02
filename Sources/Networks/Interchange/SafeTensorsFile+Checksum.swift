import Archives
import Files
import Tensors

extension SafeTensorsFile {
  /// Where a file that Gibbon writes keeps the checksum of all else in it.
  static let checksumKey = "checksum"

  /// The checksum of metadata, names, shapes and values, in hexadecimal.
  func checksum() -> String {
    var sum = Checksum()
    for key in metadata.keys.sorted(by: Self.precedes) where key != Self.checksumKey {
      sum.add(key)
      sum.add(metadata[key, default: ""])
    }
    for (name, array) in integers.sorted(by: { Self.precedes($0.key, $1.key) }) {
      sum.add("\(name) \(array.shape)")
      array.values.withUnsafeBytes { sum.add($0) }
    }
    for (name, tensor) in tensors.sorted(by: { Self.precedes($0.key, $1.key) }) {
      sum.add("\(name) \(tensor.shape)")
      tensor.withUnsafeScalars { sum.add(UnsafeRawBufferPointer($0)) }
    }
    return String(hexadecimal: (0..<4).reversed().map { UInt8(sum.value >> (8 * $0) & 255) })
  }
}
