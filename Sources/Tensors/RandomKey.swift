/// A name for a stream of random numbers: a seed refined by what the numbers are for.
///
/// Two keys with the same seed and path give the same numbers on every machine, whatever else was drawn
/// before, in whatever order, on however many threads.
public struct RandomKey: Hashable, Sendable {
  private let state: UInt64

  /// Creates the root key of a seed.
  public init(seed: UInt64) { state = RandomKey.mix(seed ^ 0x6769_6262_6F6E_0001) }

  private init(state: UInt64) { self.state = state }

  /// The key refined by a number, such as an index in a data set, a restart or a step.
  public func child(_ number: Int) -> RandomKey {
    let bits = UInt64(bitPattern: Int64(number))
    return RandomKey(state: RandomKey.mix(state ^ RandomKey.mix(bits &+ 0x9E37_79B9_7F4A_7C15)))
  }

  /// The key refined by a purpose, such as "shuffle".
  public func child(_ purpose: String) -> RandomKey {
    var hash = 0xCBF2_9CE4_8422_2325 as UInt64
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return RandomKey(state: RandomKey.mix(state &+ RandomKey.mix(hash)))
  }

  /// The generator of this key, at its start.
  public var generator: Philox { Philox(key: state) }

  /// SplitMix64's finaliser: a bijection in which every input bit moves every output bit.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }
}
