import Files
import Testing

@Suite struct ChecksumTests {
  private func sum(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
    var sum = Checksum(seed: seed)
    sum.add(bytes[...])
    return sum.value
  }

  @Test func everyFlippedBitIsFound() {
    for count in [1, 7, 8, 9, 40] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 37 * $0 + 5) }
      let expected = sum(bytes)
      for bit in 0..<8 * count {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(sum(changed) != expected, "bit \(bit) of \(count) bytes")
      }
    }
  }

  @Test func whatLooksAlikeDiffers() {
    // Zeros at the end, where one part ends, and what came before.
    let sums = [
      sum([]), sum([0]), sum([0, 0]), sum([Array(repeating: 0, count: 8), [0]].flatMap { $0 }),
    ]
    #expect(Set(sums).count == 4)
    func parts(_ texts: String...) -> UInt64 {
      var sum = Checksum()
      for text in texts { sum.add(text) }
      return sum.value
    }
    #expect(Set([parts("ab", "c"), parts("a", "bc"), parts("abc"), parts("abc", "")]).count == 4)
    #expect(sum([1], seed: 1) != sum([1], seed: 2))
    #expect(Checksum().hexadecimal.count == 16)
  }
}
