import Graphs
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import Testing

/// Which of a file's inputs and outputs are taken, and of which types and shapes they may be.
@Suite struct ONNXEntryTests {
  private static let weight = (0..<12).map { Float(($0 * 7 + 3) % 11) / 11 - 0.5 }

  /// Two outputs of four features: three scores, and as many values behind a ReLU.
  private static func model(_ nodes: [Onnx_NodeProto] = []) -> Onnx_ModelProto {
    var model = ONNXModels.model(
      input: [nil, 4],
      nodes + [
        ONNXModels.node("MatMul", ["in", "w"], ["logits"]),
        ONNXModels.node("Relu", ["logits"], ["embedding"]),
        ONNXModels.node("ArgMax", ["logits"], ["label"], [ONNXModels.integer("axis", 1)]),
      ], [ONNXModels.tensor("w", [4, 3], floats: weight)])
    model.graph.output = ["label", "logits", "embedding"].map { ONNXModels.value($0, [nil]) }
    return model
  }

  private static let rows = Tensor<Float>([0.1, 0.9, 0.3, 0.5, 1, 0, 0.25, 0.75], shape: [2, 4])

  private func scores(
    _ model: Onnx_ModelProto, _ options: ONNXFile.Options = .init()
  ) throws -> [Double] {
    try ONNXModels.scores(try ONNXModels.file(model, options: options).network, Self.rows).scalars
  }

  /// The product by definition.
  private static func product(_ offset: [Float] = [0, 0, 0]) -> [Double] {
    (0..<2).flatMap { row in
      (0..<3).map { column in
        (0..<4).reduce(Double(offset[column])) {
          $0 + Double(rows[row * 4 + $1]) * Double(weight[$1 * 3 + column])
        }
      }
    }
  }

  private func isClose(_ left: [Double], _ right: [Double]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  @Test func theFirstRowOfScoresIsTakenAndTheOthersAreNamed() throws {
    // What has no gradient or another shape is passed over.
    let file = try ONNXModels.file(Self.model())
    #expect(file.notes.count == 1)
    #expect(file.notes.first?.contains("'logits', 'embedding'") == true)
    #expect(file.notes.first?.contains("output-name embedding") == true)
    #expect(try isClose(scores(Self.model()), Self.product()))
    #expect(
      try isClose(
        scores(Self.model(), .init(output: "embedding")), Self.product().map { max($0, 0) }))
    let error = #expect(throws: ONNXError.self) {
      try scores(Self.model(), .init(output: "absent"))
    }
    #expect(error?.description.contains("'label', 'logits', 'embedding'") == true)
    let label = #expect(throws: ONNXError.self) {
      try scores(Self.model(), .init(output: "label"))
    }
    #expect(
      label?.description.contains(
        "onnx.utils.extract_model('test.onnx', 'cut.onnx', ['in'], ['logits'])") == true)
  }

  @Test func labelsArePassedOver() throws {
    var model = Self.model()
    model.graph.output.removeLast()
    model.graph.output[0].type.tensorType.elemType = 7
    let file = try ONNXModels.file(model)
    #expect(
      file.notes == [
        "test.onnx: of the outputs 'label', 'logits', 'logits' is taken, the only row of scores for each example"
      ])
    #expect(try isClose(scores(model), Self.product()))
    // Probabilities whose classes are names come behind a node of another domain.
    model.graph.node.append(ONNXModels.node("ZipMap", ["logits"], ["map"]))
    model.graph.node[model.graph.node.count - 1].domain = "ai.onnx.ml"
    model.graph.output[1] = .with { $0.name = "map" }
    #expect(try isClose(scores(model), Self.product()))
  }

  @Test func otherInputsGetValues() throws {
    var model = ONNXModels.model(
      input: [nil, 4],
      [
        ONNXModels.node("MatMul", ["in", "w"], ["p"]),
        ONNXModels.node("Add", ["p", "more"], ["out"]),
        ONNXModels.node("Relu", ["unused"], ["nothing"]),
      ], [ONNXModels.tensor("w", [4, 3], floats: Self.weight)])
    model.graph.input += [ONNXModels.value("more", [nil, 3]), ONNXModels.value("unused", [nil])]
    let error = #expect(throws: ONNXError.self) { try scores(model) }
    #expect(error?.description.contains("found 'in', 'more'") == true)
    #expect(error?.description.contains("constant-input 'more=VALUES'") == true)
    #expect(try isClose(scores(model, .init(constants: ["more": [0]])), Self.product()))
    #expect(
      try isClose(
        scores(model, .init(constants: ["more": [1, 2, -0.5]])), Self.product([1, 2, -0.5])))
    for (name, values) in [("more", [1.0, 2]), ("absent", [0])] {
      #expect(throws: ONNXError.self) { try scores(model, .init(constants: [name: values])) }
    }
    // A value of the file with the name of an input is no input.
    model.graph.initializer.append(ONNXModels.tensor("more", [3], floats: [1, 1, 1]))
    #expect(try isClose(scores(model), Self.product([1, 1, 1])))
  }

  private static func typed(_ type: Int32, _ nodes: [Onnx_NodeProto]) -> Onnx_ModelProto {
    var model = ONNXModels.model(
      input: [nil, 4],
      nodes + [
        ONNXModels.node("Cast", ["b"], ["f"], [ONNXModels.integer("to", 1)]),
        ONNXModels.node("MatMul", ["f", "w"], ["out"]),
      ], [ONNXModels.tensor("w", [4, 3], floats: weight)])
    model.graph.input[0].type.tensorType.elemType = type
    return model
  }

  @Test func bytesThatBecomeFloatsAtOnceAreRead() throws {
    let reshape = ONNXModels.node("Identity", ["in"], ["b"])
    let file = try ONNXModels.file(Self.typed(2, [reshape]))
    #expect(file.takesBytes && file.notes.count == 1)
    #expect(try isClose(ONNXModels.scores(file.network, Self.rows).scalars, Self.product()))
    // Arithmetic of bytes wraps around.
    let added = Self.typed(2, [ONNXModels.node("Add", ["in", "in"], ["b"])])
    #expect(throws: ONNXError.self) { try ONNXModels.file(added) }
  }

  @Test(arguments: [(3, "int8"), (6, "int32"), (7, "int64"), (9, "bool")] as [(Int32, String)])
  func otherTypesAreNamedWithAWayOut(type: Int32, name: String) throws {
    let model = Self.typed(type, [ONNXModels.node("Identity", ["in"], ["b"])])
    let error = #expect(throws: ONNXError.self) { try ONNXModels.file(model) }
    #expect(error?.description.contains("expected floats, found \(name)") == true)
    #expect(
      error?.description.contains(
        "onnx.utils.extract_model('test.onnx', 'cut.onnx', ['f'], ['out'])") == true)
  }

  @Test func doublesAreReadWithANote() throws {
    let model = Self.typed(11, [ONNXModels.node("Identity", ["in"], ["b"])])
    let file = try ONNXModels.file(model)
    #expect(file.notes.first?.contains("of double") == true && !file.takesBytes)
    #expect(try isClose(ONNXModels.scores(file.network, Self.rows).scalars, Self.product()))
  }

  @Test(
    arguments: [
      ([nil, 3, nil, nil], [3, 8, 6], [3, 8, 6]), ([nil, nil, nil, 3], [3, 8, 6], [8, 6, 3]),
      ([nil, nil, nil, 3], [1, 8, 6], [8, 6, 3]), ([nil, nil, nil], [1, 8, 6], [8, 6]),
      ([nil, 1, nil], [9], [1, 9]), ([nil, nil, 1], [9], [9, 1]), ([nil, nil], [1, 4, 6], [24]),
      ([nil, 2, nil], [1, 2, 9], [2, 9]), ([nil], [7], [7]),
    ] as [([Int64?], [Int], [Int])])
  func openAxesAreThoseOfAnExample(dims: [Int64?], example: [Int], taken: [Int]) throws {
    let model = ONNXModels.model(
      input: dims,
      [
        ONNXModels.node("Reshape", ["in", "row"], ["r"]),
        ONNXModels.node("ReduceMean", ["r"], ["out"], [ONNXModels.integers("axes", [1])]),
      ], [ONNXModels.tensor("row", [2], integers: [dims.count == 1 ? 1 : 0, -1])])
    let file = try ONNXModels.file(model, options: .init(exampleShape: Shape(example)))
    #expect(file.network.input.shape == Shape(taken))
    let error = #expect(throws: ONNXError.self) { try ONNXModels.file(model) }
    #expect(error?.isOpenShape == true)
    #expect(error?.description.contains("input-shape") == true)
  }

  @Test func shapesThatDoNotFitAreNamed() {
    let model = ONNXModels.model(
      input: [nil, 3, nil, nil], [ONNXModels.node("GlobalAveragePool", ["in"], ["out"])])
    let error = #expect(throws: ONNXError.self) {
      try ONNXModels.file(model, options: .init(exampleShape: [4, 4]))
    }
    #expect(error?.description.contains("examples of 4x4 do not fit its shape, 3x?x?") == true)
  }
}
