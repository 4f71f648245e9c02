import Tensors
import Testing

struct TensorTests {
  private let x = Tensor<Float>([1, -2, 3, -4, 5, 6], shape: [2, 3])

  @Test func holdsScalarsInRowMajorOrder() {
    #expect(x.count == 6)
    #expect(x[3] == -4)
    #expect(x.row(1) == Tensor([-4, 5, 6], shape: [3]))
    #expect(x.row(0).row(2) == Tensor(3))
    #expect(x.rows(1..<2) == Tensor([-4, 5, 6], shape: [1, 3]) && x.rows(0..<2) == x)
    #expect(Tensor<Float>.zeros([2, 2]) == Tensor([0, 0, 0, 0], shape: [2, 2]))
    #expect(Tensor<Double>(2.5).shape == [])
  }

  @Test func isCopiedOnWrite() {
    var copy = x
    copy[0] = 9
    copy.withUnsafeMutableScalars { $0[5] = 7 }
    #expect(copy.scalars == [9, -2, 3, -4, 5, 7])
    #expect(x.scalars == [1, -2, 3, -4, 5, 6])
  }

  @Test func equalityNeedsEqualShapes() {
    #expect(x.reshaped(to: [3, 2]) != x)
    #expect(x.reshaped(to: [3, 2]).scalars == x.scalars)
    #expect(x.reshaped(to: [6]).reshaped(to: [2, 3]) == x)
  }

  @Test func stacksRows() {
    #expect(Tensor.stacking([x.row(0), x.row(1)]) == x)
    #expect(Tensor.stacking([x]).shape == [1, 2, 3])
  }

  @Test func convertsPrecision() {
    let third = Tensor<Double>([1.0 / 3], shape: [1])
    let single: Tensor<Float> = third.converted()
    #expect(single[0] == Float(1.0 / 3))
    #expect(single.converted(to: Double.self)[0] == Double(Float(1.0 / 3)))
  }

  @Test func arithmeticIsElementwise() {
    let y = Tensor<Float>([2, 2, 2, 0.5, 0.5, 0.5], shape: [2, 3])
    #expect((x + y).scalars == [3, 0, 5, -3.5, 5.5, 6.5])
    #expect((x - y).scalars == [-1, -4, 1, -4.5, 4.5, 5.5])
    #expect((x * y).scalars == [2, -4, 6, -2, 2.5, 3])
    #expect((2 * x).scalars == [2, -4, 6, -8, 10, 12])
    #expect(x.map { $0 * $0 }.scalars == [1, 4, 9, 16, 25, 36])
    #expect(x.zip(y) { max($0, $1) }.scalars == [2, 2, 3, 0.5, 5, 6])
    #expect((x - y).shape == [2, 3])
  }

  static let maxima: [(values: [Float], position: Int?)] = [
    ([], nil), ([3], 0), ([1, 5, 2], 1), ([5, 1, 5], 0), ([-3, -1, -1], 1),
    ([-.infinity, -.infinity], 0), ([1, .infinity], 1), ([0, -0.0], 0),
    ([.nan], nil), ([.nan, 1], nil), ([1, .nan], nil), ([1, .infinity, .nan], nil),
  ]

  @Test(arguments: maxima)
  func indexOfMaximum(values: [Float], position: Int?) {
    #expect(Tensor(values, shape: [values.count]).indexOfMaximum == position)
  }

  @Test func norms() {
    #expect(x.norm1 == 21)
    #expect(x.norm2 == 91.0.squareRoot())
    #expect(x.normInfinity == 6)
    #expect((-1 * x).normInfinity == 6)
    let empty = Tensor<Float>.zeros([0])
    #expect(empty.norm1 == 0 && empty.norm2 == 0 && empty.normInfinity == 0)
    // 2^24 + 1 is no Float, so single precision would lose the ones.
    let wide = Tensor<Float>([0x1p24] + [Float](repeating: 1, count: 100), shape: [101])
    #expect(wide.norm1 == 0x1p24 + 100)
  }

  @Test(
    arguments: [[.nan], [.nan, 1], [1, .nan], [1, .nan, 2], [.infinity, .nan]] as [[Float]])
  func normsOfNaNAreNaN(values: [Float]) {
    let tensor = Tensor(values, shape: [values.count])
    #expect(tensor.norm1.isNaN)
    #expect(tensor.norm2.isNaN)
    #expect(tensor.normInfinity.isNaN)
  }

  @Test(arguments: [-1.5, -0.25, 0, 0.5, 2.0])
  func functionsAgreeInBothPrecisions(x: Double) {
    let single = Float(x)
    let pairs: [(Float, Double)] = [
      (Float.exp(single), Double.exp(x)), (Float.tanh(single), Double.tanh(x)),
      (Float.erf(single), Double.erf(x)), (Float.expm1(single), Double.expm1(x)),
      (Float.log(single + 2), Double.log(x + 2)), (Float.log1p(single + 2), Double.log1p(x + 2)),
    ]
    for (found, expected) in pairs {
      #expect(abs(Double(found) - expected) <= 2e-7 * max(1, abs(expected)))
    }
  }

  @Test func functionsHaveKnownValues() {
    #expect(abs(Double.exp(1) - 2.718_281_828_459_045) < 1e-15)
    #expect(abs(Double.log(10) - 2.302_585_092_994_046) < 1e-15)
    #expect(abs(Double.tanh(0.5) - 0.462_117_157_260_009_76) < 1e-15)
    #expect(abs(Double.erf(0.5) - 0.520_499_877_813_046_5) < 1e-15)
    #expect(abs(Double.log1p(1e-10) - 1e-10) < 1e-19)
    #expect(abs(Double.expm1(1e-10) - 1e-10) < 1e-19)
  }
}
