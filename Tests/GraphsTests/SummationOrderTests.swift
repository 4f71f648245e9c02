import Graphs
import Tensors
import Testing

/// Interpretation in an order of summation is the definition, but for the last bits.
struct SummationOrderTests {
  @Test(arguments: OperatorTable.all)
  func ordersAreTheDefinition(row: OperatorCase) throws {
    let graph = try row.graph()
    let point = row.point()
    let expected = try point.values(of: graph)
    for order in SummationOrder.allCases {
      let values = try Interpreter(graph, summing: order)(
        point.inputs, parameters: point.parameters)
      for (name, value) in expected {
        try expectAgreement(values[name], value, within: 1e-12, "\(name), \(order)")
      }
    }
  }

  private struct Sum: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let operands: [Shape]
    let write: @Sendable (inout GraphBuilder, [Value]) throws -> Value
  }

  private static let sums = [
    Sum(testDescription: "convolution", operands: [[2, 8, 9, 7], [5, 8, 3, 3]]) {
      try $0.apply(Convolution(Window(3, stride: 2, padding: 1)), $1[0], $1[1])
    },
    Sum(testDescription: "convolution of one channel", operands: [[2, 1, 9, 7], [5, 1, 5, 5]]) {
      try $0.apply(Convolution(Window(5)), $1[0], $1[1])
    },
    Sum(testDescription: "transposed convolution", operands: [[2, 8, 4, 4], [8, 3, 3, 3]]) {
      try $0.apply(
        ConvolutionInputGradient(Convolution(Window(3)), inputSize: .init(6, 6)), $1[0], $1[1])
    },
    Sum(testDescription: "product", operands: [[3, 40], [7, 40]]) {
      try $0.apply(MatrixMultiply(transposesRight: true), $1[0], $1[1])
    },
    Sum(testDescription: "mean", operands: [[3, 50, 2]]) {
      try $0.apply(Reduce(axes: [1], isMean: true), $1[0])
    },
    Sum(testDescription: "average pooling", operands: [[2, 3, 8, 8]]) {
      try $0.apply(AveragePool(Window(4)), $1[0])
    },
  ]

  // An order that changed nothing would let one accident pass for three adversarial examples.
  @Test(arguments: sums)
  private func ordersRoundDifferently(sum: Sum) throws {
    var builder = GraphBuilder()
    let values = sum.operands.enumerated().map { builder.input("\($0)", Extents($1)) }
    builder.output("y", try sum.write(&builder, values))
    var randomness = Philox(key: 3)
    var inputs: [String: Tensor<Float>] = [:]
    for (index, shape) in sum.operands.enumerated() {
      inputs["\(index)"] = randomness.normals(shape)
    }
    let graph = builder.finish()
    let results = try SummationOrder.allCases.map {
      try Interpreter(graph, summing: $0)(inputs)["y"]
    }
    #expect(Set(results).count == SummationOrder.allCases.count)
  }
}
