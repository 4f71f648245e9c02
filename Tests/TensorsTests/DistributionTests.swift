import Tensors
import Testing

/// The draws have the moments they should, within five standard errors at fixed seeds.
struct DistributionTests {
  private static let count = 100_000
  private var generator = RandomKey(seed: 11).child("distributions").generator

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  @Test mutating func uniformNumbers() {
    let values = generator.uniforms([DistributionTests.count]).scalars.map(Double.init)
    #expect(values.allSatisfy { 0..<1 ~= $0 && ($0 * 0x1p24).rounded() == $0 * 0x1p24 })
    let mean = mean(values)
    let variance = self.mean(values.map { ($0 - mean) * ($0 - mean) })
    #expect(abs(mean - 0.5) < 5 * 0.2887 / 316)
    #expect(abs(variance - 1.0 / 12) < 5 * 0.0745 / 316)
    #expect((values.min() ?? 1) < 1e-3 && (values.max() ?? 0) > 0.999)
  }

  @Test mutating func normalNumbers() {
    let values = generator.normals([DistributionTests.count]).scalars.map(Double.init)
    func moment(_ power: Int) -> Double {
      mean(values.map { value in (0..<power).reduce(1.0) { product, _ in product * value } })
    }
    // The variances of the powers are 1, 2, 15 and 96.
    #expect(abs(moment(1)) < 5 * 1.0 / 316)
    #expect(abs(moment(2) - 1) < 5 * 1.4143 / 316)
    #expect(abs(moment(3)) < 5 * 3.873 / 316)
    #expect(abs(moment(4) - 3) < 5 * 9.798 / 316)
    #expect(abs(mean(values.map { abs($0) < 1 ? 1 : 0 }) - 0.682_69) < 5 * 0.4654 / 316)
  }

  @Test mutating func normalPairsAreIndependent() {
    var products: [Double] = []
    var squares: [Double] = []
    for _ in 0..<DistributionTests.count {
      let (first, second) = generator.normalPair()
      products.append(Double(first) * Double(second))
      squares.append((Double(first * first) - 1) * (Double(second * second) - 1))
    }
    #expect(abs(mean(products)) < 5 * 1.0 / 316)
    #expect(abs(mean(squares)) < 5 * 2.0 / 316)
  }

  @Test mutating func tensorsTakeTheirNumbersInOrder() {
    var copy = generator
    let uniforms = generator.uniforms([3, 2])
    #expect(uniforms == Tensor((0..<6).map { _ in copy.uniform() }, shape: [3, 2]))
    for count in [1, 4, 7, 3, 12, 2, 9] {
      let more = generator.uniforms([count])
      #expect(more == Tensor((0..<count).map { _ in copy.uniform() }, shape: [count]))
    }
    let normals = generator.normals([3])
    let (first, second) = copy.normalPair()
    #expect(normals == Tensor([first, second, copy.normalPair().0], shape: [3]))
    #expect(generator.uniforms([0, 4]).count == 0 && generator.normals([0]).count == 0)
  }

  /// Bounds, with about the 99.999 % quantile of chi-square with one degree of freedom less.
  @Test(arguments: [(2, 19.5), (3, 23.0), (10, 40.0), (13, 46.0), (64, 123.0)])
  func integersAreUnbiased(bound: Int, quantile: Double) {
    var generator = RandomKey(seed: 12).child(bound).generator
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<DistributionTests.count { counts[generator.integer(below: bound)] += 1 }
    let expected = Double(DistributionTests.count) / Double(bound)
    let chiSquare = counts.reduce(0) { sum, count in
      sum + (Double(count) - expected) * (Double(count) - expected) / expected
    }
    #expect(chiSquare < quantile)
  }

  @Test mutating func integersOfLargeBoundsAreUnbiased() {
    let bound = 3 << 30
    var thirds = [0, 0, 0]
    for _ in 0..<DistributionTests.count {
      let value = generator.integer(below: bound)
      #expect(0..<bound ~= value)
      // Scaling by 3/4 without rejection would hit multiples of three twice as often.
      thirds[value % 3] += 1
    }
    let expected = Double(DistributionTests.count) / 3
    #expect(thirds.allSatisfy { abs(Double($0) - expected) < 5 * 149.1 }, "\(thirds)")
  }

  @Test mutating func integersBelowOneAreZero() {
    #expect((0..<10).allSatisfy { _ in generator.integer(below: 1) == 0 })
    #expect((0..<10).contains { _ in generator.integer(below: Int(UInt32.max)) > 1 << 31 })
  }

  @Test(arguments: [0, 1, 2, 3, 100])
  func permutationsHoldEveryNumberOnce(count: Int) {
    var generator = RandomKey(seed: 13).child(count).generator
    let order = generator.permutation(of: count)
    #expect(order.sorted() == Array(0..<count))
    if count == 100 { #expect(order != Array(0..<count)) }
  }

  @Test mutating func permutationsAreUniform() {
    var counts: [[Int]: Int] = [:]
    for _ in 0..<24_000 { counts[generator.permutation(of: 4), default: 0] += 1 }
    #expect(counts.count == 24)
    let chiSquare = counts.values.reduce(0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
    #expect(chiSquare < 64)
  }
}
