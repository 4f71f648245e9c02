import Tensors
import Testing

struct PhiloxTests {
  /// The known-answer vectors published with Random123 for philox4x32-10.
  static let knownAnswers: [(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, block: SIMD4<UInt32>)] = [
    (
      SIMD4(repeating: 0), SIMD2(repeating: 0),
      SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
      SIMD4(repeating: 0xffff_ffff), SIMD2(repeating: 0xffff_ffff),
      SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
      SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
      SIMD2(0xa409_3822, 0x299f_31d0),
      SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
  ]

  @Test(arguments: knownAnswers)
  func agreesWithThePublishedVectors(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, block: SIMD4<UInt32>
  ) {
    #expect(Philox.block(counter: counter, key: key) == block)
  }

  @Test func countsBlocks() {
    let (key, stream) = (0x0123_4567_89ab_cdef as UInt64, 0x0fed_cba9_8765_4321 as UInt64)
    var generator = Philox(key: key, stream: stream)
    for number in 0..<3 as Range<UInt32> {
      let expected = Philox.block(
        counter: SIMD4(number, 0, 0x8765_4321, 0x0fed_cba9), key: SIMD2(0x89ab_cdef, 0x0123_4567))
      for lane in 0..<4 { #expect(generator.next32() == expected[lane]) }
    }
  }

  @Test func wideNumbersAreTwoNarrowOnesLowFirst() {
    var wide = Philox(key: 5)
    var narrow = Philox(key: 5)
    for _ in 0..<5 {
      let (low, high) = (UInt64(narrow.next32()), UInt64(narrow.next32()))
      #expect(wide.next() == high << 32 | low)
    }
  }

  @Test func streamsAndKeysDiffer() {
    var generators = [
      Philox(key: 1), Philox(key: 2), Philox(key: 1 << 32), Philox(key: 1, stream: 1),
      Philox(key: 1, stream: 1 << 32),
    ]
    let firsts = generators.indices.map { generators[$0].next() }
    #expect(Set(firsts).count == firsts.count)
  }

  @Test func isAValue() {
    var original = Philox(key: 9)
    _ = original.next32()
    var copy = original
    #expect((0..<9).map { _ in original.next32() } == (0..<9).map { _ in copy.next32() })
  }
}
