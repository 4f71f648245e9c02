import Graphs
import Tensors
import Testing

/// An operator that is not defined for its operands says so, in every way in which it may not be.
struct OperandTests {
  struct Misfit: Sendable, CustomTestStringConvertible {
    let op: any Operator
    let operands: [Extents]
    var testDescription: String { "\(op.name) of \(operands)" }

    init(_ op: any Operator, _ operands: Extents...) {
      self.op = op
      self.operands = operands
    }
  }

  private static let n = Extents.batch
  private static let pairs = Convolution(Window(2), groups: 2)
  private static let none = Convolution(Window(2), groups: 0)
  private static let pool = MaxPool(Window(2))

  static let misfits: [Misfit] = [
    Misfit(Convolution(Window(3)), [n, 2, 5, 5]),
    Misfit(Convolution(Window(3)), [n, 2, 5], [4, 2, 3, 3]),
    Misfit(Convolution(Window(3)), [n, 2, 5, 5], [4, 3, 3, 3]),
    Misfit(Convolution(Window(3)), [n, 2, 5, 5], [4, 2, 3, 2]),
    Misfit(Convolution(Window(3)), [n, 2, 2, 5], [4, 2, 3, 3]),
    Misfit(Convolution(Window(3)), [n, 2, 5, 5], [n, 2, 3, 3]),
    Misfit(Convolution(Window(3, stride: 0)), [n, 2, 5, 5], [4, 2, 3, 3]),
    Misfit(Convolution(Window(3, padding: -1)), [n, 2, 9, 9], [4, 2, 3, 3]),
    Misfit(Convolution(Window(3, dilation: 0)), [n, 2, 5, 5], [4, 2, 3, 3]),
    Misfit(pairs, [n, 4, 5, 5], [4, 4, 2, 2]),
    Misfit(pairs, [n, 4, 5, 5], [3, 2, 2, 2]),
    Misfit(none, [n, 4, 5, 5], [4, 0, 2, 2]),
    Misfit(ConvolutionInputGradient(pairs, inputSize: 3), [n, 4, 2, 2], [4, 2, 2, 3]),
    Misfit(ConvolutionInputGradient(pairs, inputSize: 3), [n, 4, 3, 2], [4, 2, 2, 2]),
    Misfit(ConvolutionInputGradient(pairs, inputSize: 3), [n, 4, 2, 2], [6, 2, 2, 2]),
    Misfit(ConvolutionInputGradient(pairs, inputSize: 3), [n, 3, 2, 2], [3, 2, 2, 2]),
    Misfit(ConvolutionInputGradient(none, inputSize: 3), [n, 4, 2, 2], [4, 2, 2, 2]),
    Misfit(ConvolutionWeightGradient(pairs), [n, 4, 3, 3], [3, 4, 2, 2]),
    Misfit(ConvolutionWeightGradient(pairs), [n, 3, 3, 3], [n, 4, 2, 2]),
    Misfit(ConvolutionWeightGradient(pairs), [n, 4, 3, 3], [n, 3, 2, 2]),
    Misfit(ConvolutionWeightGradient(pairs), [n, 4, 3, 3], [n, 4, 3, 2]),
    Misfit(ConvolutionWeightGradient(none), [n, 4, 3, 3], [n, 4, 2, 2]),
    Misfit(MatrixMultiply(), [n, 3]),
    Misfit(MatrixMultiply(), [n, 3], [4, 3]),
    Misfit(MatrixMultiply(), [n, 3, 2], [n, 3]),
    Misfit(MatrixMultiply(transposesRight: true), [n, 3], [n, 3]),
    Misfit(MatrixMultiply(transposesLeft: true), [n, 3], [4, 3]),
    Misfit(Elementwise(.relu)),
    Misfit(Elementwise(.relu), [n, 2], [n, 2]),
    Misfit(Arithmetic(.add), [n, 2], [2, 2]),
    Misfit(Arithmetic(.multiply), [n, 2], [n, 3]),
    Misfit(Arithmetic(.add), [n, 2]),
    Misfit(Reduce(axes: [2]), [n, 2]),
    Misfit(Reduce(axes: [-1]), [n, 2]),
    Misfit(Reduce(axes: [1, 1]), [n, 2]),
    Misfit(Broadcast(to: [n, 3, 2], axes: [2]), [n, 2]),
    Misfit(Broadcast(to: [n, 3], axes: [0]), [n, 3]),
    Misfit(Broadcast(to: [3], axes: [0, 1]), []),
    Misfit(Broadcast(to: [3], axes: [0, 0]), []),
    Misfit(Reshape(to: [n, 5]), [n, 2, 3]),
    Misfit(Reshape(to: [6]), [n, 2, 3]),
    Misfit(Reshape(to: [n, 6]), [2, 3]),
    Misfit(Concatenate(axis: 1)),
    Misfit(Concatenate(axis: 0), [n, 2], [n, 2]),
    Misfit(Concatenate(axis: 1), [n, 2, 3], [n, 2, 4]),
    Misfit(Concatenate(axis: 1), [n, 2], [2, 2]),
    Misfit(Concatenate(axis: 2), [n, 2], [n, 2]),
    Misfit(Slice(axis: 0, range: 0..<1), [n, 2]),
    Misfit(Slice(axis: 1, range: 1..<4), [n, 3]),
    Misfit(Slice(axis: 1, range: -1..<1), [n, 3]),
    Misfit(Slice(axis: 2, range: 0..<1), [n, 3]),
    Misfit(Pad(axis: 0, before: 1, after: 0), [n, 3]),
    Misfit(Pad(axis: 1, before: -1, after: 0), [n, 3]),
    Misfit(Pad(axis: 2, before: 1, after: 0), [n, 3]),
    Misfit(pool, [n, 2, 4]),
    Misfit(pool, [n, 2, 1, 4]),
    Misfit(MaxPool(Window(2, padding: 2)), [n, 2, 4, 4]),
    Misfit(MaxPool(Window(2, dilation: 4)), [n, 2, 4, 4]),
    Misfit(MaxPool(Window(3, padding: 2)), [n, 2, 0, 4]),
    Misfit(MaxPoolScatter(pool), [n, 2, 4, 4], [n, 2, 4, 4]),
    Misfit(MaxPoolScatter(pool), [n, 2, 3, 3]),
    Misfit(MaxPoolGather(pool), [n, 2, 3, 3], [n, 2, 4, 4]),
    Misfit(AveragePool(Window(2, dilation: 4)), [n, 2, 4, 4]),
    Misfit(AveragePool(Window(5)), [n, 2, 4, 4]),
    Misfit(AveragePoolGradient(AveragePool(Window(2)), inputSize: 4), [n, 2, 4, 4]),
    Misfit(AveragePoolGradient(AveragePool(Window(2)), inputSize: 4), [n, 3]),
    Misfit(Softmax(), [n]),
    Misfit(Softmax(), []),
    Misfit(Softmax(), [n, 2], [n, 2]),
    Misfit(Softmax(axis: 0), [n, 2]),
    Misfit(Softmax(axis: 2), [n, 2]),
    Misfit(Softmax(axis: -3), [n, 2]),
    Misfit(CrossEntropy(), [n, 2]),
    Misfit(CrossEntropy(), [n, 2], [n, 2]),
    Misfit(CrossEntropy(), [n, 2], [2]),
    Misfit(CrossEntropy(), [n, 0], [n]),
    Misfit(CrossEntropy(), [n, 2, 2], [n]),
    Misfit(CrossEntropyGradient(), [n, 2], [n]),
    Misfit(CrossEntropyGradient(), [n, 2], [n], [1]),
    Misfit(CrossEntropyGradient(), [n, 2], [2], []),
    Misfit(Comparison(.less), [n, 2], [n, 3]),
    Misfit(Select(), [n, 2], [n, 2], [2, 2]),
    Misfit(Select(), [n, 2], [n, 2]),
    Misfit(Expand(to: [n, 3]), [n, 2]),
    Misfit(Expand(to: [n, 3]), [3]),
    Misfit(Expand(to: [2, 3]), [n, 3]),
    Misfit(Extremum(axes: [1], isMaximum: true), [n]),
    Misfit(Extremum(axes: [1], isMaximum: true), [n, 0]),
    Misfit(Extremum(axes: [1, 1], isMaximum: false), [n, 2]),
    Misfit(Gather(indices: [0], axis: 0), [n, 2]),
    Misfit(Gather(indices: [2], axis: 1), [n, 2]),
    Misfit(Gather(indices: [-1], axis: 1), [n, 2]),
    Misfit(SparseProduct(SparseMatrix(selecting: [0], of: 3), axis: 1), [n, 2]),
    Misfit(SparseProduct(SparseMatrix(selecting: [0], of: 3), axis: 2), [n, 3]),
    Misfit(Slice(axis: 1, start: 0, step: 0, count: 1), [n, 3]),
    Misfit(Slice(axis: 1, start: 0, step: 2, count: 3), [n, 4]),
    Misfit(Slice(axis: 1, start: 1, step: -1, count: 3), [n, 4]),
    Misfit(Slice(axis: 1, start: 1, step: Int.max, count: 3), [n, 4]),
    Misfit(Slice(axis: 1, start: 4, step: 1, count: 0), [n, 3]),
    Misfit(Pad(axis: 1, before: Int.max, after: 1), [n, 3]),
    Misfit(MatrixMultiply(addsPairs: true), [n, 3, 2], [2, 3]),
    Misfit(MatrixMultiply(addsPairs: true), [3, 2], [2, 3]),
    Misfit(MatrixMultiply(transposesLeft: true), [n, 3], [n, 2, 3]),
    Misfit(AveragePool(Window(2), uncounted: 1), [n, 2, 4, 4]),
    Misfit(MaxPool(Window(kernel: 2, stride: 3, paddingAfter: 3)), [n, 2, 5, 6]),
    Misfit(ConvolutionInputGradient(pairs, inputSize: 3), [n, 4, 2, 2], [n, 2, 2, 2]),
  ]

  @Test(arguments: misfits)
  func misfitsAreRefused(_ misfit: Misfit) throws {
    var builder = GraphBuilder()
    let values = misfit.operands.enumerated().map { builder.input("\($0)", $1) }
    let error = #expect(throws: GraphError.self) {
      try builder.apply(misfit.op, to: values)
    }
    guard case .operands = error else {
      Issue.record("\(String(describing: error)) is not about operands")
      return
    }
    #expect(builder.nodes.count == values.count)
  }

  @Test func messagesSayWhatIsExpectedAndFound() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 2, 5, 5])
    let weight = builder.parameter("weight", [4, 3, 3, 3])
    let error = #expect(throws: GraphError.self) {
      try builder.convolution(x, weight: weight, bias: nil, Window(3))
    }
    #expect(
      error?.description
        == "convolution expects x of N x C x H x W and weight of O x C/1 x 3 x 3 that fits, "
        + "found Nx2x5x5, 4x3x3x3")
  }

  @Test func layersRefuseMisfits() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 3])
    let four = builder.parameter("four", [4])
    let weight = builder.parameter("weight", [4, 2])
    #expect(throws: GraphError.self) { try builder.addBias(x, four) }
    #expect(throws: GraphError.self) { try builder.linear(x, weight: weight, bias: four) }
    #expect(throws: GraphError.self) { try builder.globalAveragePool(x) }
    #expect(throws: GraphError.self) { try builder.flatten(four) }
  }
}
