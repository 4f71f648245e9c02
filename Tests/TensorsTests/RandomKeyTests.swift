import Tensors
import Testing

struct RandomKeyTests {
  private let root = RandomKey(seed: 42)

  private func first(_ key: RandomKey) -> UInt64 {
    var generator = key.generator
    return generator.next()
  }

  @Test func samePathGivesTheSameStream() {
    var left = RandomKey(seed: 42).child("attack").child(3).generator
    var right = root.child("attack").child(3).generator
    for _ in 0..<20 { #expect(left.next() == right.next()) }
    #expect(root.child("attack").child(3) == RandomKey(seed: 42).child("attack").child(3))
  }

  @Test func streamsAreFixedForGood() {
    // Results are named by their seed, so these numbers must never change.
    var generator = RandomKey(seed: 1).child("test").child(2).generator
    #expect(
      (0..<4).map { _ in generator.next32() } == [
        3_447_481_513, 3_273_316_083, 559_301_951, 1_316_779_953,
      ])
  }

  @Test func drawingFromOneKeyLeavesOthersAlone() {
    let before = first(root.child(1))
    var generator = root.generator
    for _ in 0..<10 { _ = generator.next() }
    #expect(first(root.child(1)) == before)
  }

  @Test func childrenDiffer() {
    var keys: [RandomKey] = [root, RandomKey(seed: 43), RandomKey(seed: 0)]
    keys += (-500..<500).map { root.child($0) }
    keys += [Int.min, Int.max].map { root.child($0) }
    keys += ["", "a", "b", "ab", "ba", "0", "1", "shuffle", "start"].map { root.child($0) }
    keys += (0..<50).map { root.child("a").child($0) }
    #expect(Set(keys).count == keys.count)
    #expect(Set(keys.map { first($0) }).count == keys.count)
  }

  @Test func orderOfDerivationMatters() {
    #expect(root.child(1).child(2) != root.child(2).child(1))
    #expect(root.child("a").child("b") != root.child("b").child("a"))
    #expect(root.child("a").child(1) != root.child(1).child("a"))
    #expect(root.child("ab") != root.child("a").child("b"))
  }

  @Test func childrenAreUncorrelated() {
    // Each of the 64 bits of a child is set in about half of all children.
    var counts = [Int](repeating: 0, count: 64)
    for index in 0..<4096 {
      let bits = first(root.child(index))
      for bit in 0..<64 where bits >> UInt64(bit) & 1 == 1 { counts[bit] += 1 }
    }
    // Five standard deviations of a binomial count are 160.
    #expect(counts.allSatisfy { abs($0 - 2048) < 160 }, "\(counts)")
  }
}
