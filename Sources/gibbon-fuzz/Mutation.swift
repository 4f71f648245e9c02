import Tensors

/// Damages files: by chance, by malice, and by joining two.
struct Mutation {
  private var generator: Philox

  /// Numbers that break arithmetic, as bytes in either order.
  private static let absurd: [[UInt8]] =
    [0, 1, 0x7F, 0x80, 0xFF].map { [$0] }
    + [
      [0xFF, 0xFF], [0x7F, 0xFF], [0xFF, 0x7F], [0x80, 0], [0, 0x80], [0xFF, 0xFF, 0xFF, 0xFF],
      [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0x80, 0, 0, 0], [0, 0, 0, 0x80],
      [0, 0, 0, 0], [UInt8](repeating: 0xFF, count: 8), [UInt8](repeating: 0, count: 8),
      [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0, 0, 0, 0, 0x40],
    ]

  /// Texts that break parsers.
  private static let texts: [[UInt8]] = [
    "99999999999999999999", "-1", "4611686018427387904", "1e999", "nan", "((((((((((((((((",
    "[[[[[[[[[[[[[[[[", "{{{{{{{{{{{{{{{{", "\"", "'", "\0", ",,,,,,,,,,,,,,,,",
  ].map { Array($0.utf8) }

  /// - Parameter key: Determines all that follows.
  init(_ key: RandomKey) { generator = key.generator }

  /// A damaged copy, never twice as long and some bytes more.
  mutating func damaged(_ file: [UInt8], other: [UInt8]) -> [UInt8] {
    var bytes = file
    for _ in 0..<1 + number(below: 4) { change(&bytes, other) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
    let place = number(below: bytes.count + 1)
    // Headers are where files are fragile.
    let early = min(place, number(below: 64))
    switch number(below: 10) {
    case 0:
      for _ in 0..<1 + number(below: 8) where !bytes.isEmpty {
        bytes[number(below: bytes.count)] ^= 1 << UInt8(number(below: 8))
      }
    case 1: bytes.removeLast(bytes.count - place)
    case 2, 3: overwrite(&bytes, at: early, with: Self.absurd[number(below: Self.absurd.count)])
    case 4: overwrite(&bytes, at: place, with: Self.absurd[number(below: Self.absurd.count)])
    case 5: overwrite(&bytes, at: early, with: Self.texts[number(below: Self.texts.count)])
    case 6: bytes.insert(contentsOf: Self.texts[number(below: Self.texts.count)], at: place)
    case 7:
      let end = min(bytes.count, place + number(below: 200))
      bytes.removeSubrange(place..<end)
    case 8:
      let end = min(bytes.count, place + number(below: 200))
      bytes.insert(contentsOf: Array(bytes[place..<end]), at: number(below: bytes.count + 1))
    default:
      let cut = number(below: other.count + 1)
      bytes = Array(bytes[..<place] + other[cut...].prefix(max(0, 2 * bytes.count - place) + 64))
    }
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, with other: [UInt8]) {
    let end = min(bytes.count, place + other.count)
    bytes.replaceSubrange(min(place, end)..<end, with: other)
  }

  /// A number from 0 on.
  mutating func number(below limit: Int) -> Int {
    limit <= 1 ? 0 : generator.integer(below: limit)
  }
}
