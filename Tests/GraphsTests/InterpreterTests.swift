import Graphs
import Tensors
import Testing

struct InterpreterTests {
  /// y = p * a + b, where a second parameter feeds nothing that is asked for.
  private func sample() throws -> Graph {
    var builder = GraphBuilder()
    let a = builder.input("a", [Extents.batch, 2])
    let b = builder.input("b", [Extents.batch, 2])
    let p = builder.parameter("p", [2, 2])
    let unused = builder.parameter("unused", [2, 2])
    _ = try builder.apply(MatrixMultiply(), a, unused)
    let product = try builder.apply(MatrixMultiply(), a, p)
    builder.output("y", try builder.add(product, b))
    return builder.finish()
  }

  private let a = Tensor<Double>([1, 2, 3, 4], shape: [2, 2])
  private let b = Tensor<Double>([10, 20, 30, 40], shape: [2, 2])
  private let p = Tensor<Double>([0, 1, 1, 0], shape: [2, 2])

  @Test func needsOnlyWhatTheOutputsNeed() throws {
    let values = try Interpreter(try sample())(["a": a, "b": b], parameters: ["p": p])
    #expect(values == ["y": Tensor([12, 21, 34, 43], shape: [2, 2])])
  }

  @Test func takesItsBatchSizeFromTheInputs() throws {
    for rows in [0, 1, 5] {
      let x = Tensor<Float>(repeating: 1, shape: [rows, 2])
      let values = try Interpreter(try sample())(
        ["a": x, "b": x], parameters: ["p": p.converted()])
      #expect(values["y"] == Tensor(repeating: 2, shape: [rows, 2]))
    }
  }

  @Test func rejectsUnequalBatches() throws {
    let three = Tensor<Double>.zeros([3, 2])
    let expected = GraphError.shape(
      name: "b", expected: [Extents.batch, 2], found: "3x2, not N = 2")
    #expect(throws: expected) {
      try Interpreter(try sample())(["a": a, "b": three], parameters: ["p": p])
    }
    #expect(expected.description == "\"b\" has shape Nx2, found 3x2, not N = 2")
  }

  @Test(arguments: [[2, 3], [2, 2, 1], [4], []])
  func rejectsMisshapenInputs(extents: [Int]) throws {
    let shape = Shape(extents)
    for name in ["a", "b"] {
      let tensors = ["a": a, "b": b].merging([name: .zeros(shape)]) { $1 }
      let error = #expect(throws: GraphError.self) {
        try Interpreter(try sample())(tensors, parameters: ["p": p])
      }
      guard case .shape(name, [Extents.batch, 2], let found) = error else {
        Issue.record("\(String(describing: error)) is not about \(name)")
        continue
      }
      #expect(found.hasPrefix(shape.description))
    }
  }

  @Test func rejectsMisshapenParameters() throws {
    #expect(throws: GraphError.shape(name: "p", expected: [2, 2], found: "4")) {
      try Interpreter(try sample())(
        ["a": a, "b": b], parameters: ["p": p.reshaped(to: [4])])
    }
  }

  @Test func namesWhatIsMissing() throws {
    #expect(throws: GraphError.unknownName("b", kind: "input", known: ["a"])) {
      try Interpreter(try sample())(["a": a], parameters: ["p": p])
    }
    #expect(throws: GraphError.unknownName("p", kind: "parameter", known: [])) {
      try Interpreter(try sample())(["a": a, "b": b])
    }
  }

  @Test func rowsDoNotDependOnTheBatch() throws {
    var builder = GraphBuilder()
    let x = builder.input("x", [Extents.batch, 2, 4, 4])
    let weight = builder.parameter("w", [3, 2, 3, 3])
    let convolved = try builder.convolution(x, weight: weight, bias: nil, Window(3, padding: 1))
    let pooled = try builder.apply(MaxPool(Window(2, stride: 2)), convolved)
    builder.output("y", try builder.apply(Softmax(), try builder.flatten(pooled)))
    let interpreter = Interpreter(builder.finish())
    let key = RandomKey(seed: 3)
    let images = Domain.awayFromZero.draw([4, 2, 4, 4], from: key.child("x"))
    let parameters = ["w": Domain.awayFromZero.draw([3, 2, 3, 3], from: key.child("w"))]
    let together = try #require(try interpreter(["x": images], parameters: parameters)["y"])
    for row in 0..<4 {
      let alone = try interpreter(
        ["x": Tensor.stacking([images.row(row)])], parameters: parameters)["y"]
      #expect(alone?.row(0) == together.row(row))
    }
  }
}
