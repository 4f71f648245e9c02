/// Philox-4x32-10, a counter-based generator: block `n` is a pure function of the key and `n`.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
/// https://doi.org/10.1145/2063384.2063405. It passes BigCrush and needs no state beyond the counter,
/// so any draw can be repeated without the draws before it.
public struct Philox: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private var counter: UInt64 = 0
  private let stream: UInt64
  private var block = SIMD4<UInt32>()
  private var used = 4

  /// Creates the generator of a key and a stream, at its first block.
  public init(key: UInt64, stream: UInt64 = 0) {
    self.key = SIMD2(truncatingIfNeeded: SIMD2(key, key &>> 32))
    self.stream = stream
  }

  /// The next 32 random bits.
  public mutating func next32() -> UInt32 {
    if used == 4 {
      block = nextBlock()
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  private mutating func nextBlock() -> SIMD4<UInt32> {
    defer { counter &+= 1 }
    return Philox.block(
      counter: SIMD4(truncatingIfNeeded: SIMD4(counter, counter &>> 32, stream, stream &>> 32)),
      key: key)
  }

  /// Fills a buffer with numbers uniform in [0, 1), those that `uniform()` would give one after the other.
  public mutating func fill(uniforms buffer: UnsafeMutableBufferPointer<Float>) {
    var index = 0
    while index < buffer.count {
      if used == 4, index + 4 <= buffer.count {
        let numbers = nextBlock()
        for lane in 0..<4 { unsafe buffer[index + lane] = Float(numbers[lane] >> 8) * 0x1p-24 }
        index += 4
      } else {
        unsafe buffer[index] = uniform()
        index += 1
      }
    }
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    let low = UInt64(next32())
    return low | UInt64(next32()) << 32
  }

  /// The ten rounds on one counter; public so that the published test vectors can be checked.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var x = counter
    var k = key
    for _ in 0..<10 {
      let a = 0xD251_1F53 as UInt64 * UInt64(x[0])
      let b = 0xCD9E_8D57 as UInt64 * UInt64(x[2])
      x = SIMD4(
        UInt32(truncatingIfNeeded: b &>> 32) ^ x[1] ^ k[0], UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a &>> 32) ^ x[3] ^ k[1], UInt32(truncatingIfNeeded: a))
      k = SIMD2(k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85)
    }
    return x
  }
}
