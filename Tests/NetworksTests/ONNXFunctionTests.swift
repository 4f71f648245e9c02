import Graphs
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import Testing

/// Nodes in any order, functions that a file defines, and lists of tensors.
@Suite struct ONNXFunctionTests {
  private static func function(
    _ name: String, _ inputs: [String], _ outputs: [String], _ nodes: [Onnx_NodeProto],
    opset: Int64 = 17, attributes: [String] = [], defaults: [Onnx_AttributeProto] = []
  ) -> Onnx_FunctionProto {
    .with {
      $0.domain = "acme"
      $0.name = name
      $0.input = inputs
      $0.output = outputs
      $0.node = nodes
      $0.attribute = attributes
      $0.attributeProto = defaults
      $0.opsetImport = [.with { $0.version = opset }]
    }
  }

  private static func call(
    _ name: String, _ inputs: [String], _ outputs: [String],
    _ attributes: [Onnx_AttributeProto] = []
  ) -> Onnx_NodeProto {
    var node = ONNXModels.node(name, inputs, outputs, attributes)
    node.domain = "acme"
    return node
  }

  private static func number(_ name: String, _ value: Float) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .float
      $0.f = value
    }
  }

  private static func reference(_ name: String, to outer: String) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .float
      $0.refAttrName = outer
    }
  }

  private static let rows = Tensor<Float>([-2, -1, 0.5, 3, 1, -0.25], shape: [2, 3])

  private func scores(_ model: Onnx_ModelProto) throws -> [Double] {
    try ONNXModels.scores(try ONNXModels.file(model).network, Self.rows).scalars
  }

  @Test func nodesMayStandInAnyOrder() throws {
    let sorted = [
      ONNXModels.node("Neg", ["in"], ["a"]), ONNXModels.node("Relu", ["a"], ["b"]),
      ONNXModels.node("Abs", ["in"], ["c"]), ONNXModels.node("Add", ["b", "c"], ["out"]),
    ]
    let expected = try scores(ONNXModels.model(input: [nil, 3], sorted))
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 3, 1, 0]] {
      let model = ONNXModels.model(input: [nil, 3], order.map { sorted[$0] })
      #expect(try scores(model) == expected)
    }
  }

  @Test func aLongChainMayStandBackwards() throws {
    let chain = (0..<20_000).map { ONNXModels.node("Identity", ["v\($0)"], ["v\($0 + 1)"]) }
    var model = ONNXModels.model(input: [nil, 3], chain.reversed())
    model.graph.input[0].name = "v0"
    model.graph.output[0].name = "v20000"
    #expect(try scores(model) == Self.rows.scalars.map(Double.init))
  }

  @Test func functionsAreWrittenOut() throws {
    // Names of a body are its own, attributes come from the call or the function, and bodies may be of other opsets.
    let leaky = Self.function(
      "Leaky", ["a"], ["b"],
      [
        ONNXModels.node("LeakyRelu", ["a"], ["t"], [Self.reference("alpha", to: "slope")]),
        ONNXModels.node("Identity", ["t"], ["b"]),
      ], opset: 13, defaults: [Self.number("slope", 0.25)])
    let twice = Self.function(
      "Twice", ["a"], ["b", "same"],
      [
        Self.call("Leaky", ["t"], ["b"], [Self.reference("slope", to: "second")]),
        Self.call("Leaky", ["a"], ["t"]), ONNXModels.node("Identity", ["a"], ["same"]),
      ], attributes: ["second"])
    var model = ONNXModels.model(
      input: [nil, 3],
      [
        ONNXModels.node("Identity", ["in"], ["t"]),
        Self.call("Twice", ["t"], ["u", "v"], [Self.number("second", 0.5)]),
        ONNXModels.node("Add", ["u", "v"], ["out"]),
      ])
    model.functions = [leaky, twice]
    let expected = Self.rows.scalars.map { $0 < 0 ? Double($0) * (1 + 0.25 * 0.5) : 2 * Double($0) }
    #expect(try scores(model) == expected)
    // An attribute that the call leaves out is left out in the body too, where the function has its own.
    model.graph.node[1].attribute = []
    #expect(
      try scores(model)
        == Self.rows.scalars.map { $0 < 0 ? Double($0) * (1 + 0.25 * 0.25) : 2 * Double($0) })
    // A result that is an operand, and one that is not asked for.
    model.functions = [
      Self.function("Twice", ["a"], ["a", "b"], [ONNXModels.node("Neg", ["a"], ["b"])])
    ]
    #expect(try scores(model) == Self.rows.scalars.map { _ in 0 })
    model.graph.node[1].output = ["u"]
    model.graph.node[2].input = ["u", "t"]
    #expect(try scores(model) == Self.rows.scalars.map { 2 * Double($0) })
  }

  @Test func whatGoesWrongInAFunctionNamesIt() throws {
    var model = ONNXModels.model(input: [nil, 3], [Self.call("Outer", ["in"], ["out"])])
    model.functions = [
      Self.function("Outer", ["a"], ["b"], [ONNXModels.node("Frobnicate", ["a"], ["b"])])
    ]
    let error = #expect(throws: ONNXError.self) { try scores(model) }
    #expect(
      error?.description.contains("node 'b' (Frobnicate, opset 17) of the function 'Outer'") == true
    )
    model.functions[0].opsetImport[0].version = 3
    let old = #expect(throws: ONNXError.self) { try scores(model) }
    #expect(old?.description.contains("the function 'Outer' is of opset 3") == true)
    model.functions = [Self.function("Outer", [], ["b"], [])]
    let few = #expect(throws: ONNXError.self) { try scores(model) }
    #expect(few?.description.contains("has 0 and 1") == true)
  }

  @Test func functionsThatNeverEndAreRefused() throws {
    var model = ONNXModels.model(input: [nil, 3], [Self.call("F0", ["in"], ["out"])])
    func refusal() -> String {
      let error = #expect(throws: ONNXError.self) { try scores(model) }
      return error?.description ?? ""
    }
    // One that calls itself, over another one.
    model.functions = [
      Self.function("F0", ["a"], ["b"], [Self.call("F1", ["a"], ["b"])]),
      Self.function("F1", ["a"], ["b"], [Self.call("F0", ["a"], ["b"])]),
    ]
    #expect(refusal().contains("the function calls itself"))
    // A deep chain.
    model.functions = (0..<10_000).map {
      Self.function("F\($0)", ["a"], ["b"], [Self.call("F\($0 + 1)", ["a"], ["b"])])
    }
    #expect(refusal().contains("functions call one another 64 deep"))
    // Doubling at each of forty steps, with a node at the end or with none.
    for last in [[ONNXModels.node("Relu", ["a"], ["b"])], []] {
      model.functions = (0..<40).map { depth in
        Self.function(
          "F\(depth)", ["a"], ["b"],
          depth == 39
            ? last
            : [
              Self.call("F\(depth + 1)", ["a"], ["t"]),
              Self.call("F\(depth + 1)", ["t"], ["b"]),
            ])
      }
      #expect(refusal().contains("the file's functions become more than"))
    }
    // Many copies of something large.
    let constant = ONNXModels.node(
      "Constant", [], ["c"],
      [
        .with {
          $0.name = "value"
          $0.type = .tensor
          $0.t = ONNXModels.tensor("", [100_000], floats: .init(repeating: 1, count: 100_000))
        }
      ])
    model.functions = [
      Self.function(
        "F0", ["a"], ["b"], (0..<1000).map { Self.call("F1", ["a"], ["t\($0)"]) }),
      Self.function("F1", ["a"], ["b"], [constant, ONNXModels.node("Relu", ["a"], ["b"])]),
    ]
    #expect(refusal().contains("the file's functions become more than"))
  }

  @Test func listsAreFollowed() throws {
    let model = ONNXModels.model(
      input: [nil, 3],
      [
        ONNXModels.node("SplitToSequence", ["in", "one"], ["s"], [ONNXModels.integer("axis", 1)]),
        ONNXModels.node("SequenceAt", ["s", "last"], ["a"]),
        ONNXModels.node("SequenceErase", ["s", "zero"], ["t"]),
        ONNXModels.node("SequenceInsert", ["t", "a", "zero"], ["u"]),
        ONNXModels.node("ConcatFromSequence", ["u"], ["out"], [ONNXModels.integer("axis", 1)]),
      ],
      [
        ONNXModels.tensor("one", [], integers: [1]), ONNXModels.tensor("last", [], integers: [-1]),
        ONNXModels.tensor("zero", [], integers: [0]),
      ])
    // The last one stands where the first one stood.
    #expect(try scores(model) == [0.5, -1, 0.5, -0.25, 1, -0.25])
    for (place, input, part) in [
      (1, ["s", "far"], "outside a list of 3"), (1, ["in", "last"], "not a list of tensors"),
      (4, ["none"], "not a list of tensors"),
    ] {
      var bad = model
      bad.graph.initializer.append(ONNXModels.tensor("far", [], integers: [3]))
      bad.graph.node[place].input = input
      let error = #expect(throws: ONNXError.self) { try scores(bad) }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
    var loose = model
    loose.graph.output[0].name = "u"
    let error = #expect(throws: ONNXError.self) { try scores(loose) }
    #expect(error?.description.contains("'u' is a list of tensors") == true)
  }

  @Test func endlessListsAreRefused() throws {
    // Each list is longer by one and all are kept.
    let nodes =
      [ONNXModels.node("SequenceEmpty", [], ["l0"])]
      + (0..<2000).map { ONNXModels.node("SequenceInsert", ["l\($0)", "in"], ["l\($0 + 1)"]) }
      + [ONNXModels.node("ConcatFromSequence", ["l2000"], ["out"], [ONNXModels.integer("axis", 1)])]
    let error = #expect(throws: ONNXError.self) {
      try scores(ONNXModels.model(input: [nil, 3], nodes))
    }
    #expect(error?.description.contains("lists have more than") == true)
  }
}
