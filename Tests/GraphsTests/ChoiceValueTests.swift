import Graphs
import Tensors
import Testing

/// Values of operators that choose and pick, where the definitions leave a choice.
struct ChoiceValueTests {
  private func value(_ op: some Operator, _ operands: Tensor<Double>...) throws -> Tensor<Double> {
    let shape = try op.extents(of: operands.map { Extents($0.shape) }).shape(batch: 1)
    return op.value(of: operands, shape: shape)
  }

  @Test func extremesOfTwoPassNaNOn() throws {
    let x = Tensor<Double>([1, .nan, 3, -.infinity], shape: [4])
    let y = Tensor<Double>([2, 5, .nan, -.infinity], shape: [4])
    for (operation, expected) in [(Arithmetic.Operation.maximum, 2.0), (.minimum, 1)] {
      let found = try value(Arithmetic(operation), x, y)
      #expect(found[0] == expected)
      #expect(found[1].isNaN && found[2].isNaN)
      #expect(found[3] == -.infinity)
    }
    for isMaximum in [true, false] {
      #expect(try value(Extremum(axes: [0], isMaximum: isMaximum), x)[0].isNaN)
    }
  }

  @Test func clippingKeepsNaNAndPrefersTheUpperBound() throws {
    let x = Tensor<Double>([-3, 0.5, 3, .nan], shape: [4])
    let clipped = try value(Elementwise(.clip(lower: -1, upper: 1)), x)
    #expect(Array(clipped.scalars[..<3]) == [-1, 0.5, 1] && clipped[3].isNaN)
    let crossed = try value(Elementwise(.clip(lower: 2, upper: 1)), x)
    #expect(Array(crossed.scalars[..<3]) == [1, 1, 1])
  }

  @Test func halvesRoundToEven() throws {
    let x = Tensor<Double>([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], shape: [6])
    #expect(try value(Elementwise(.round), x).scalars == [-2, -2, 0, 0, 2, 2])
  }

  @Test func selectionNeverReadsTheOtherSide() throws {
    let condition = Tensor<Double>([0, 1, .nan], shape: [3])
    let found = try value(
      Select(), condition, Tensor([.nan, 1, 2], shape: [3]), Tensor([4, .nan, .nan], shape: [3]))
    #expect(found.scalars == [4, 1, 2])
  }

  /// Equals share the cotangent, so that the gradient of maxima is that of their mean.
  @Test func tiesShareTheCotangent() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 4])
    let y = builder.input("y", [Extents.batch, 4])
    let larger = try builder.apply(Arithmetic(.maximum), x, y)
    builder.output("z", try builder.apply(Extremum(axes: [1], isMaximum: true), larger))
    let graph = try builder.finish().gradient(of: "z", cotangent: "dz", withRespectTo: ["x", "y"])
    let found = try Interpreter(graph)([
      "x": Tensor<Double>([3, 1, 3, 2], shape: [1, 4]),
      "y": Tensor<Double>([3, 0, 1, 2], shape: [1, 4]), "dz": Tensor([1], shape: [1]),
    ])
    #expect(found["gradient(x)"]?.scalars == [0.25, 0, 0.5, 0])
    #expect(found["gradient(y)"]?.scalars == [0.25, 0, 0, 0])
  }

  @Test(arguments: [
    (PaddingMode.constant(7), [7, 7, 1, 2, 3, 7, 7, 7, 7, 7]),
    (.edge, [1, 1, 1, 2, 3, 3, 3, 3, 3, 3]), (.reflect, [3, 2, 1, 2, 3, 2, 1, 2, 3, 2]),
    (.wrap, [2, 3, 1, 2, 3, 1, 2, 3, 1, 2]),
  ])
  func paddingBeyondTheExtent(mode: PaddingMode, expected: [Double]) throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 3])
    builder.output("y", try builder.pad(x, before: [0, 2], after: [0, 5], mode: mode))
    let found = try Interpreter(builder.finish())(["x": Tensor<Double>([1, 2, 3], shape: [1, 3])])
    #expect(found["y"]?.scalars == expected)
    for (before, after) in [
      ([0, -4], [0, 0]), ([0, 1], [0, -5]), ([1, 0], [0, 0]), ([0], [0]),
    ] {
      #expect(throws: GraphError.self) {
        try builder.pad(x, before: before, after: after, mode: mode)
      }
    }
  }

  @Test(arguments: [
    (PaddingMode.constant(7), [2, 3, 7, 7]), (.edge, [2, 3, 3, 3]), (.reflect, [2, 3, 2, 3]),
    (.wrap, [2, 3, 2, 3]),
  ])
  func paddingOfWhatIsLeft(mode: PaddingMode, expected: [Double]) throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 3])
    builder.output("y", try builder.pad(x, before: [0, -1], after: [0, 2], mode: mode))
    let found = try Interpreter(builder.finish())(["x": Tensor<Double>([1, 2, 3], shape: [1, 3])])
    #expect(found["y"]?.scalars == expected)
  }

  /// Values of onnxruntime and of ONNX's reference implementation of Resize, where both agree.
  @Test(
    arguments: [
      (
        Resampling(.linear), 4, 8, nil,
        [1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4]
      ),
      (Resampling(.linear, .alignedCorners), 4, 7, nil, [1, 1.5, 2, 2.5, 3, 3.5, 4]),
      (Resampling(.linear, .alignedCorners), 4, 2, 0.6, [1, 4]),
      (Resampling(.linear, .halfPixelUnlessSingle), 4, 1, nil, [1]),
      (
        Resampling(.cubic(coefficient: -0.75)), 4, 8, nil,
        [
          0.89453125, 1.19140625, 1.66796875, 2.296875, 2.703125, 3.33203125, 3.80859375,
          4.10546875,
        ]
      ),
      (Resampling(.linear, .asymmetric), 4, 3, 0.8, [1, 2.25, 3.5]),
      (Resampling(.nearest(.preferringFloor)), 4, 8, nil, [1, 1, 2, 2, 3, 3, 4, 4]),
      (Resampling(.nearest(.floor), .asymmetric), 4, 6, nil, [1, 1, 2, 3, 3, 4]),
      (Resampling(.nearest(.ceiling)), 4, 8, nil, [1, 2, 2, 3, 3, 4, 4, 4]),
      (
        Resampling(.linear, antialiases: true), 4, 2, 0.6, [1.375, 3]
      ),
      (
        Resampling(.cubic(coefficient: -0.5), antialiases: true), 4, 2, 0.6,
        [1.333333333, 3.047393365]
      ),
      (
        Resampling(.cubic(coefficient: -0.5), antialiases: true, excludesOutside: true), 4, 2, 0.6,
        [1.353846154, 3.071748879]
      ),
      (
        Resampling(.cubic(coefficient: -0.5), excludesOutside: true), 4, 3, 0.8,
        [1.073625349, 2.375, 3.718835305]
      ),
      (Resampling(.linear, .crop(start: 0.2, end: 0.9)), 4, 3, nil, [1.6, 2.65, 3.7]),
      (Resampling(.linear, .crop(start: -0.5, end: 0.5)), 4, 3, nil, [0, 1, 2.5]),
      (Resampling(.linear, .symmetricHalfPixel), 4, 2, 0.6, [1.666666667, 3.333333333]),
    ] as [(Resampling, Int, Int, Float?, [Double])])
  func resamplings(
    _ resampling: Resampling, extent: Int, count: Int, scale: Float?, expected: [Double]
  ) throws {
    let x = Tensor((0..<extent).map { Double($0 + 1) }, shape: [extent])
    let matrix = resampling.matrix(from: extent, to: count, scale: scale)
    let found = try value(SparseProduct(matrix, axis: 0), x)
    for (value, wanted) in zip(found.scalars, expected) { #expect(abs(value - wanted) < 1e-6) }
    #expect(found.count == expected.count)
  }

  @Test func placesFarOutsideEndAtTheEnds() {
    for coordinates in [
      Resampling.Coordinates.asymmetric, .halfPixel, .symmetricHalfPixel, .halfPixelWithoutShift,
    ] {
      for interpolation in [Resampling.Interpolation.linear, .cubic(coefficient: -0.5)] {
        let matrix = Resampling(interpolation, coordinates).matrix(from: 3, to: 2, scale: 1e-30)
        #expect(matrix.columns.allSatisfy { 0..<3 ~= $0 })
      }
    }
  }
}
