/// Damages files in the ways in which they are damaged by chance and by malice; the same in each run.
struct Mutations: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Steele, Lea and Flood's SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

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
