import Foundation
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import Testing

/// Networks that would be others for several examples than for one are refused; those that merge examples with other
/// axes are not.
@Suite struct ONNXBatchTests {
  struct Form: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let nodes: [Onnx_NodeProto]
    var values: [Onnx_TensorProto] = []

    init(_ name: String, _ nodes: [Onnx_NodeProto], _ values: [Onnx_TensorProto] = []) {
      testDescription = name
      self.nodes = nodes
      self.values = values
    }

    /// The file of a network of 4 x 6 values.
    func model(batch: Int64?, example: [Int64] = [4, 6]) -> Onnx_ModelProto {
      let end = ONNXModels.node("Identity", ["y"], ["out"])
      return ONNXModels.model(
        input: [batch] + example.map { Optional($0) }, nodes + [end], values)
    }
  }

  private static func node(
    _ op: String, _ inputs: String, _ output: String, _ attributes: Onnx_AttributeProto...
  ) -> Onnx_NodeProto {
    ONNXModels.node(
      op, inputs.split(separator: " ").map(String.init),
      output.split(separator: " ").map(String.init),
      attributes)
  }

  private static func numbers(_ name: String, _ values: Int64...) -> Onnx_TensorProto {
    ONNXModels.tensor(name, [Int64(values.count)], integers: values)
  }

  private static func axis(_ axis: Int64) -> Onnx_AttributeProto {
    ONNXModels.integer("axis", axis)
  }

  private static func axes(_ axes: [Int64]) -> Onnx_AttributeProto {
    ONNXModels.integers("axes", axes)
  }

  private static let add = ONNXModels.text("reduction", "add")
  private static let drop = ONNXModels.integer("keepdims", 0)
  private static let row = node("Reshape", "z row", "y")
  private static let rows = [numbers("row", -1, 24)]

  /// The number of each example, `g`, with as many axes as the input; `s` is the input's shape.
  private static let numbering = [
    node("Shape", "in", "s"), node("Gather", "s i", "b"), node("Range", "i b o", "r"),
    node("Reshape", "r t", "g"),
  ]
  private static let numberingValues = [
    ONNXModels.tensor("i", [], integers: [0]), ONNXModels.tensor("o", [], integers: [1]),
    numbers("t", -1, 1, 1),
  ]

  static let mixing: [Form] = [
    Form("softmax", [node("Softmax", "in", "z", axis(0)), row], rows),
    Form(
      "softmax over examples and tokens",
      [node("Reshape", "in s", "a"), node("Softmax", "a", "z", axis(0)), row],
      rows + [numbers("s", -1, 6)]),
    Form("mean", [node("ReduceMean", "in", "z", axes([0])), row], rows),
    Form(
      "mean of all", [node("ReduceMean", "in", "a"), node("Sub", "in a", "z"), row], rows),
    Form("largest", [node("ReduceMax", "in", "a"), node("Div", "in a", "z"), row], rows),
    Form("one example", [node("Gather", "in i", "z", axis(0)), row], rows + [numbers("i", 0)]),
    Form(
      "part of the examples", [node("Slice", "in s e s", "z"), row],
      rows + [numbers("s", 0), numbers("e", 1)]),
    Form(
      "reversed", [node("Slice", "in s e z0 s", "z"), row],
      rows + [numbers("s", -1), numbers("e", -100), numbers("z0", 0)]),
    Form(
      "running sum", [node("CumSum", "in a", "z"), row],
      rows + [ONNXModels.tensor("a", [], integers: [0])]),
    Form(
      "one row of all",
      [node("Reshape", "in s", "a"), node("Softmax", "a", "z", axis(1)), row],
      rows + [numbers("s", 1, -1)]),
    Form(
      "divided by their number",
      [
        node("Shape", "in", "s"), node("Gather", "s i", "b"),
        node("Cast", "b", "f", ONNXModels.integer("to", 1)), node("Div", "in f", "z"), row,
      ], rows + [numbers("i", 0)]),
    Form(
      "numbered",
      numbering + [
        node("Cast", "g", "f", ONNXModels.integer("to", 1)), node("Add", "in f", "z"), row,
      ], numberingValues + rows),
    Form(
      "chosen by their numbers",
      numbering + [
        node("Expand", "g s", "e"), node("GatherElements", "in e", "z", axis(2)), row,
      ], numberingValues + rows),
    Form(
      "put where their numbers say",
      numbering + [
        node("ConstantOfShape", "s", "c"), node("Expand", "g s", "e"),
        node("ScatterElements", "c e in", "z", axis(2), add), row,
      ], numberingValues + rows),
    Form(
      "put into the first of zeros",
      [
        node("Shape", "in", "s"), node("ConstantOfShape", "s", "c"), node("Expand", "k s", "e"),
        node("ScatterElements", "c e in", "z", axis(0), add), row,
      ], rows + [numbers("k", 0)]),
    Form(
      "a token by their numbers",
      [node("Transpose", "in", "a", ONNXModels.integers("perm", [0, 2, 1]))] + numbering + [
        node("Concat", "g g", "e", axis(2)), node("GatherND", "a e", "d"),
        node("Squeeze", "d o1", "y"),
      ], numberingValues + [numbers("o1", 1)]),
    Form(
      "joined with a row",
      [
        node("Concat", "in k", "a", axis(0)), node("ReduceMean", "a", "z", axes([0])), row,
      ], rows + [ONNXModels.tensor("k", [1, 4, 6], floats: .init(repeating: 1, count: 24))]),
    Form(
      "distances",
      [node("Flatten", "in", "a"), node("Transpose", "a", "b"), node("MatMul", "a b", "y")]),
    Form(
      "covariance",
      [
        node("Flatten", "in", "a"), node("Transpose", "a", "b"), node("MatMul", "b a", "c"),
        node("ReduceMean", "c", "y", axes([0])),
      ]),
    Form(
      "padded", [node("Pad", "in p", "a"), node("ReduceMean", "a", "y", axes([0, 1]))],
      [numbers("p", 1, 0, 0, 0, 0, 0)]),
    Form(
      "squeezed",
      [
        node("ReduceMean", "in", "a", axes([1])), node("Squeeze", "a", "b"),
        node("Softmax", "b", "y", axis(0)),
      ]),
    Form(
      "normalised over examples",
      [
        node("Transpose", "in", "a", ONNXModels.integers("perm", [1, 0, 2])),
        node("LayerNormalization", "a w", "b", axis(1)),
        node("ReduceMean", "b", "y", axes([0]), drop),
      ], [ONNXModels.tensor("w", [6], floats: .init(repeating: 1, count: 6))]),
    Form(
      "einsum",
      [
        node(
          "Einsum", "in", "z",
          .with {
            $0.name = "equation"
            $0.type = .string
            $0.s = Data("bij->ij".utf8)
          }), row,
      ], rows),
  ]

  @Test(arguments: mixing)
  func whatCombinesExamplesIsRefused(_ form: Form) throws {
    let error = #expect(throws: ONNXError.self) {
      try ONNXModels.file(form.model(batch: nil))
    }
    #expect(error?.description.contains("combines the examples of a batch") == true)
    #expect(error?.description.contains("--input_shape 1,4,6") == true)
    // With one example in the file each is computed by itself, as the hint says.
    #expect(try ONNXModels.file(form.model(batch: 1)).network.input.shape == [4, 6])
  }

  static let apart: [Form] = [
    Form(
      "heads",
      [
        node("Reshape", "in s", "a"),
        node("Transpose", "a", "b", ONNXModels.integers("perm", [0, 2, 1, 3])),
        node("Reshape", "b t", "c"),
        node("Transpose", "c", "ct", ONNXModels.integers("perm", [0, 2, 1])),
        node("MatMul", "c ct", "d"), node("Softmax", "d", "e", axis(-1)),
        node("Reshape", "e u", "y"),
      ], [numbers("s", 0, 4, 2, 3), numbers("t", -1, 4, 3), numbers("u", -1, 32)]),
    Form(
      "tokens first",
      [
        node("Transpose", "in", "a", ONNXModels.integers("perm", [1, 0, 2])),
        node("Softmax", "a", "b", axis(0)), node("ReduceMax", "b", "y", axes([0]), drop),
      ]),
    Form(
      "a token for each",
      [
        node("Shape", "in", "s"), node("Gather", "s i", "b"), node("Concat", "b r", "t", axis(0)),
        node("Expand", "k t", "e"), node("Concat", "e in", "a", axis(1)),
        node("ReduceMean", "a", "y", axes([1]), drop),
      ],
      [
        numbers("i", 0), numbers("r", 1, 6),
        ONNXModels.tensor("k", [1, 1, 6], floats: [1, 2, 3, 4, 5, 6]),
      ]),
    Form(
      "joined and parted",
      [
        node("Relu", "in", "a"), node("Concat", "in a", "b", axis(0)),
        node("Split", "b", "c d", axis(0)), node("Sub", "c d", "z"), row,
      ], rows),
    Form(
      "a parameter over its axis 0",
      [
        node("Softmax", "k", "a", axis(0)), node("Mul", "in a", "z"), row,
      ], rows + [ONNXModels.tensor("k", [4, 6], floats: (0..<24).map { Float($0) / 10 })]),
    Form(
      "added into zeros",
      [
        node("Shape", "in", "s"), node("ConstantOfShape", "s", "c"), node("Expand", "k s", "e"),
        node("ScatterElements", "c e in", "z", axis(1), add), row,
      ], rows + [ONNXModels.tensor("k", [1, 4, 1], integers: [0, 2, 2, 1])]),
    Form(
      "chosen along an axis",
      [
        node("Shape", "in", "s"), node("Expand", "k s", "e"),
        node("GatherElements", "in e", "z", axis(2)), row,
      ], rows + [ONNXModels.tensor("k", [1, 4, 1], integers: [5, 2, 2, 1])]),
    Form(
      "a token by its place",
      numbering + [
        node("Shape", "g", "gs"), node("Expand", "k gs", "h"),
        node("Concat", "g h", "e", axis(2)), node("GatherND", "in e", "d"),
        node("Squeeze", "d o1", "y"),
      ],
      numberingValues + [numbers("o1", 1), ONNXModels.tensor("k", [1, 1, 1], integers: [2])]),
    Form(
      "all of the examples", [node("Slice", "in s e s", "z"), row],
      rows + [numbers("s", 0), numbers("e", 1 << 31)]),
    // It cannot be computed for several examples, so it is a network for single ones.
    Form(
      "for single examples alone",
      [
        node("Reshape", "in s", "a"), node("MatMul", "a w", "y"),
      ],
      [numbers("s", 1, 24), ONNXModels.tensor("w", [24, 2], floats: (0..<48).map { Float($0) })]),
  ]

  @Test(arguments: apart)
  func whatKeepsExamplesApartIsRead(_ form: Form) throws {
    let network = try ONNXModels.file(form.model(batch: nil)).network
    var random = RandomKey(seed: 3).child("rows").generator
    let rows = random.uniforms([3, 4, 6])
    let joint = try ONNXModels.scores(network, rows)
    for row in 0..<3 {
      let single = try ONNXModels.scores(
        network, Tensor(Array(rows.scalars[row * 24..<(row + 1) * 24]), shape: [1, 4, 6]))
      let count = single.count
      #expect(Array(joint.scalars[row * count..<(row + 1) * count]) == single.scalars)
    }
  }
}
