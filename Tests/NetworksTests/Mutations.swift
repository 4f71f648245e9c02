import TestSupport

/// Damages files in the ways in which they are damaged by chance and by malice; the same in each run.
struct Mutations: RandomNumberGenerator {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed) }

  mutating func next() -> UInt64 { generator.next() }

  /// The bytes with some of them changed, cut off, repeated or replaced by extreme numbers.
  mutating func mutation(of whole: [UInt8]) -> [UInt8] {
    var bytes = whole
    for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0..<6, using: &self) {
      case 0, 1: bytes[place] = .random(in: 0...255, using: &self)
      case 2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 3: bytes.removeSubrange(place...)
      case 4:
        let count = min(8, bytes.count - place)
        let value: UInt8 = Bool.random(using: &self) ? 0xFF : 0x7F
        for index in place..<place + count { bytes[index] = value }
      default:
        let end = min(bytes.count, place + Int.random(in: 1...64, using: &self))
        bytes.insert(contentsOf: bytes[place..<end], at: place)
      }
    }
    return bytes
  }
}
