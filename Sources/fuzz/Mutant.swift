import Tensors

/// A damaged copy of a file, determined by its number.
enum Mutant {
  /// Numbers that break careless arithmetic, as little-endian bytes and as protocol buffers' variable ones.
  private static let absurd: [[UInt8]] = [
    [UInt8](repeating: 0xFF, count: 8), [0, 0, 0, 0, 0, 0, 0, 0x80], [0xFF, 0xFF, 0xFF, 0x7F],
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    [0x80, 0x80, 0x80, 0x80, 0x08], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0],
  ]

  /// The bytes of a mutant.
  static func bytes(of file: [UInt8], number: Int, seed: UInt64) -> [UInt8] {
    var random = RandomKey(seed: seed).child("mutant").child(number).generator
    var bytes = file
    // The structure of a file is mostly at its ends, between and before long runs of numbers.
    func position(_ random: inout Philox) -> Int {
      guard bytes.count > 1 else { return 0 }
      let edge = min(bytes.count, 4096)
      switch random.integer(below: 3) {
      case 0: return random.integer(below: edge)
      case 1: return bytes.count - 1 - random.integer(below: edge)
      default: return random.integer(below: bytes.count)
      }
    }
    for _ in 0..<1 + random.integer(below: 4) where !bytes.isEmpty {
      let place = position(&random)
      switch random.integer(below: 7) {
      case 0: bytes[place] ^= 1 << random.integer(below: 8)
      case 1: bytes[place] = UInt8(truncatingIfNeeded: random.integer(below: 256))
      case 2: bytes.removeSubrange(place...)
      case 3:
        let number = absurd[random.integer(below: absurd.count)]
        let end = min(place + number.count, bytes.count)
        bytes.replaceSubrange(place..<end, with: number)
      case 4: bytes.insert(contentsOf: absurd[random.integer(below: absurd.count)], at: place)
      case 5:
        let end = min(place + 1 + random.integer(below: 64), bytes.count)
        bytes.insert(contentsOf: bytes[place..<end], at: position(&random))
      default:
        let end = min(place + 1 + random.integer(below: 64), bytes.count)
        bytes.removeSubrange(place..<end)
      }
    }
    return bytes
  }
}
