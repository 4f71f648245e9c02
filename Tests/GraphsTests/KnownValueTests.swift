import Graphs
import Tensors
import Testing

/// Values worked out by other means, since gradients and finite differences cannot show a wrong value.
struct KnownValueTests {
  private func value(_ op: some Operator, _ operands: Tensor<Double>...) throws -> Tensor<Double> {
    let extents = try op.extents(of: operands.map { Extents($0.shape) })
    return op.value(of: operands, shape: extents.shape(batch: 1))
  }

  /// The numbers from -10 to 13 as one image of two channels.
  private let image = Tensor((0..<24).map { Double($0 - 10) }, shape: [1, 2, 3, 4])

  @Test func convolution() throws {
    let depthwise = Convolution(
      Window(
        kernel: .init(2, 3), stride: .init(2, 1), paddingBefore: .init(1, 0),
        paddingAfter: .init(0, 2), dilation: .init(1, 2)), groups: 2)
    let kernels = Tensor((0..<12).map { Double($0 % 5 - 2) }, shape: [2, 1, 2, 3])
    #expect(
      try value(depthwise, image, kernels)
        == Tensor([-26, -23, 14, 14, -4, -4, -10, -11], shape: [1, 2, 2, 2]))

    let dense = Convolution(
      Window(
        kernel: 2, stride: .init(1, 2), paddingBefore: .init(0, 1), paddingAfter: .init(1, 0),
        dilation: .init(2, 1)))
    let weight = Tensor((0..<16).map { Double($0 % 7 - 3) }, shape: [2, 2, 2, 2])
    #expect(
      try value(dense, image, weight)
        == Tensor([-6, 52, 24, 46, -6, -13, 24, 52], shape: [1, 2, 2, 2]))
  }

  @Test func matrixProducts() throws {
    let left = Tensor<Double>([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let right = Tensor<Double>([1, 0, -1, 2, 1, 0], shape: [3, 2])
    let leftTransposed = Tensor<Double>([1, 4, 2, 5, 3, 6], shape: [3, 2])
    let rightTransposed = Tensor<Double>([1, -1, 1, 0, 2, 0], shape: [2, 3])
    for (flipsLeft, flipsRight) in [(false, false), (false, true), (true, false), (true, true)] {
      let product = try value(
        MatrixMultiply(transposesLeft: flipsLeft, transposesRight: flipsRight),
        flipsLeft ? leftTransposed : left, flipsRight ? rightTransposed : right)
      #expect(product == Tensor([2, 4, 5, 10], shape: [2, 2]))
    }
  }

  @Test func maxPooling() throws {
    let window = Window(2, stride: 2, padding: 1)
    #expect(
      try value(MaxPool(window), image)
        == Tensor([-10, -8, -7, -2, 0, 1, 2, 4, 5, 10, 12, 13], shape: [1, 2, 2, 3]))
    let nan = Tensor<Double>([1, .nan, 3, 2], shape: [1, 1, 2, 2])
    #expect(try value(MaxPool(Window(2)), nan)[0].isNaN)
  }

  @Test func maxPoolingTakesTheFirstOfEquals() throws {
    let ties = Tensor<Double>([1, 5, 5, 5], shape: [1, 1, 2, 2])
    let dy = Tensor<Double>([3], shape: [1, 1, 1, 1])
    let pool = MaxPool(Window(2))
    #expect(try value(MaxPoolScatter(pool), dy, ties).scalars == [0, 3, 0, 0])
    let values = Tensor<Double>([6, 7, 8, 9], shape: [1, 1, 2, 2])
    #expect(try value(MaxPoolGather(pool), values, ties).scalars == [7])
  }

  @Test func averagePooling() throws {
    let x = Tensor<Double>([4, 8, 12, 16], shape: [1, 1, 2, 2])
    let window = Window(2, stride: 2, padding: 1)
    #expect(try value(AveragePool(window), x).scalars == [1, 2, 3, 4])
    #expect(try value(AveragePool(window, countsPadding: false), x).scalars == [4, 8, 12, 16])
    #expect(try value(AveragePool(Window(2)), x).scalars == [10])
  }

  @Test func reductionsAndBroadcasts() throws {
    let x = Tensor<Double>([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(try value(Reduce(axes: [0]), x) == Tensor([5, 7, 9], shape: [3]))
    #expect(try value(Reduce(axes: [1], isMean: true), x) == Tensor([2, 5], shape: [2]))
    #expect(try value(Reduce(axes: [0, 1]), x) == Tensor(21))
    let vector = Tensor<Double>([2, 4], shape: [2])
    #expect(
      try value(Broadcast(to: [2, 2], axes: [0]), vector) == Tensor([2, 4, 2, 4], shape: [2, 2]))
    #expect(
      try value(Broadcast(to: [2, 2], axes: [1], isMean: true), vector)
        == Tensor([1, 1, 2, 2], shape: [2, 2]))
  }

  @Test func rearrangements() throws {
    let x = Tensor<Double>([1, 2, 3, 4], shape: [2, 2])
    let y = Tensor<Double>([5, 6], shape: [2, 1])
    #expect(try value(Concatenate(axis: 1), x, y) == Tensor([1, 2, 5, 3, 4, 6], shape: [2, 3]))
    #expect(try value(Slice(axis: 1, range: 1..<2), x) == Tensor([2, 4], shape: [2, 1]))
    #expect(
      try value(Pad(axis: 1, before: 1, after: 0), x)
        == Tensor([0, 1, 2, 0, 3, 4], shape: [2, 3]))
    #expect(try value(Reshape(to: [4]), x) == Tensor([1, 2, 3, 4], shape: [4]))
  }

  /// Functions with their values at -1.5 and at 0.5.
  static let functions: [(function: Elementwise.Function, below: Double, above: Double)] =
    [
      (.relu, 0, 0.5), (.step, 0, 1), (.affine(factor: 2, offset: -1), -4, 0),
      (.leakyReLU(slope: 0.25), -0.375, 0.5), (.elu(alpha: 0.5), -0.388_434_919_925_785_1, 0.5),
      (.sigmoid, 0.182_425_523_806_356_35, 0.622_459_331_201_854_6),
      (.tanh, -0.905_148_253_644_866_4, 0.462_117_157_260_009_76),
      (.softplus, 0.201_413_277_982_752_4, 0.974_076_984_180_106_7),
      (.exp, 0.223_130_160_148_429_82, 1.648_721_270_700_128_2),
      (.log, .nan, -0.693_147_180_559_945_3),
      (.erf, -0.966_105_146_475_310_8, 0.520_499_877_813_046_5), (.abs, 1.5, 0.5),
      (.sign, -1, 1), (.squareRoot, .nan, 0.707_106_781_186_547_5), (.square, 2.25, 0.25),
      (.reciprocal, -2.0 / 3, 2),
    ]

  @Test(arguments: functions)
  func elementwise(function: Elementwise.Function, below: Double, above: Double) throws {
    let found = try value(Elementwise(function), Tensor([-1.5, 0.5], shape: [2]))
    for (found, expected) in zip(found.scalars, [below, above]) {
      #expect(expected.isNaN ? found.isNaN : abs(found - expected) < 1e-15)
    }
  }

  @Test func elementwiseAtExtremes() throws {
    let extremes = Tensor<Double>([-800, 800, 0, .nan], shape: [4])
    func scalars(_ function: Elementwise.Function) throws -> [Double] {
      let result = try value(Elementwise(function), extremes).scalars
      if function != .step, function != .sign { #expect(result[3].isNaN) }
      return Array(result[..<3])
    }
    #expect(try scalars(.relu) == [0, 800, 0])
    #expect(try scalars(.step) == [0, 1, 0])
    #expect(try scalars(.sign) == [-1, 1, 0])
    #expect(try scalars(.sigmoid) == [0, 1, 0.5])
    #expect(try scalars(.tanh) == [-1, 1, 0])
    #expect(try scalars(.softplus) == [0, 800, Double.log(2)])
    #expect(try scalars(.elu(alpha: 1)) == [-1, 800, 0])
    #expect(try scalars(.leakyReLU(slope: 0.5)) == [-400, 800, 0])
  }

  @Test func softmaxIsShiftedByItsMaximum() throws {
    let x = Tensor<Double>([1, 2, 4, 1001, 1002, 1004], shape: [2, 3])
    let softmax = try value(Softmax(), x)
    let logarithm = try value(Softmax(logarithm: true), x)
    let expected = [0.042_010_066_0, 0.114_195_198_9, 0.843_794_735_1]
    for index in 0..<6 {
      #expect(abs(softmax[index] - expected[index % 3]) < 1e-9)
      #expect(abs(logarithm[index] - Double.log(expected[index % 3])) < 1e-8)
    }
  }

  @Test func crossEntropyIsTheMeanOfLabelledRows() throws {
    let logits = Tensor<Double>([1, 2, 4, 1001, 1002, 1004, 5, 5, 5], shape: [3, 3])
    func entropy(_ labels: Double...) throws -> Double {
      try value(CrossEntropy(), logits, Tensor(labels, shape: [3]))[0]
    }
    let losses = [3.169_846_019_556, 2.169_846_019_556, 0.169_846_019_556]
    #expect(abs(try entropy(0, -1, -1) - losses[0]) < 1e-9)
    #expect(abs(try entropy(-1, 1, 7) - losses[1]) < 1e-9)
    #expect(abs(try entropy(2, 1, 0) - (losses[2] + losses[1] + Double.log(3)) / 3) < 1e-9)
    #expect(try entropy(-1, -1, 3) == 0)
    let gradient = try value(
      CrossEntropyGradient(), logits, Tensor([0, -1, 2], shape: [3]), Tensor(6))
    let shares = [0.042_010_066_0, 0.114_195_198_9, 0.843_794_735_1]
    for (found, expected) in zip(
      gradient.scalars, [3 * shares[0] - 3, 3 * shares[1], 3 * shares[2], 0, 0, 0, 1, 1, -2])
    { #expect(abs(found - expected) < 1e-8) }
  }

  @Test func gelu() throws {
    var builder = GraphBuilder()
    builder.output("y", try builder.gelu(builder.input("x", [2])))
    let y = try #require(
      try Interpreter(builder.finish())(["x": Tensor<Double>([-1.5, 0.5], shape: [2])])["y"])
    // The factor is stored in single precision.
    #expect(abs(y[0] + 0.100_210_801_903_287_13) < 1e-7)
    #expect(abs(y[1] - 0.345_731_230_637_006_56) < 1e-7)
  }

  @Test func batchNormInTrainingNormalises() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 2])
    let norm = try builder.batchNormTraining(
      x, scale: builder.parameter("scale", [2]), shift: builder.parameter("shift", [2]),
      epsilon: 0)
    builder.output("y", norm.y)
    builder.output("mean", norm.mean)
    builder.output("variance", norm.variance)
    let values = try Interpreter(builder.finish())(
      ["x": Tensor<Double>([1, 10, 5, 30], shape: [2, 2])],
      parameters: ["scale": Tensor([1, 2], shape: [2]), "shift": Tensor([0, 7], shape: [2])])
    #expect(values["mean"]?.scalars == [3, 20])
    #expect(values["variance"]?.scalars == [4, 100])
    let y = try #require(values["y"])
    for (found, expected) in zip(y.scalars, [-1.0, 5, 1, 9]) {
      #expect(abs(found - expected) < 1e-14)
    }
  }

  @Test func frozenBatchNormIsAffine() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 1])
    let parameters = ["scale", "shift", "mean", "variance"].map { builder.parameter($0, [1]) }
    let y = try builder.batchNorm(
      x, scale: parameters[0], shift: parameters[1], mean: parameters[2],
      variance: parameters[3], epsilon: 1)
    builder.output("y", y)
    let values = try Interpreter(builder.finish())(
      ["x": Tensor<Double>([7, 1], shape: [2, 1])],
      parameters: [
        "scale": Tensor([4], shape: [1]), "shift": Tensor([5], shape: [1]),
        "mean": Tensor([1], shape: [1]), "variance": Tensor([3], shape: [1]),
      ])
    // 4 * (x - 1) / sqrt(3 + 1) + 5
    #expect(values["y"]?.scalars == [17, 5])
  }
}
