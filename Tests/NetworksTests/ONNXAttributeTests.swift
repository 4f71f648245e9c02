import Foundation
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import Testing

/// Rarely used attributes, against values of onnxruntime 1.32.0; `Scripts/check-onnx-attributes.py` compares thousands.
@Suite struct ONNXAttributeTests {
  private func text(_ name: String, _ value: String) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .string
      $0.s = Data(value.utf8)
    }
  }

  private func scores(
    _ nodes: [Onnx_NodeProto], _ values: [Onnx_TensorProto] = [], of x: [Float], opset: Int64 = 18
  ) throws -> [Double] {
    let model = ONNXModels.model(
      opset: opset, input: [nil, 1, 1, Int64(x.count)], nodes, values)
    let file = try ONNXModels.file(model)
    return try ONNXModels.scores(file.network, Tensor(x, shape: [1, 1, 1, x.count])).scalars
  }

  private func expectClose(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count)
    for (value, wanted) in zip(found, expected) { #expect(abs(value - wanted) < 1e-5) }
  }

  private func resize(
    _ scale: Float, _ attributes: [Onnx_AttributeProto], of x: [Float]
  ) throws -> [Double] {
    try scores(
      [ONNXModels.node("Resize", ["in", "", "scales"], ["out"], attributes)],
      [ONNXModels.tensor("scales", [4], floats: [1, 1, 1, scale])], of: x)
  }

  @Test func cornersAreAlignedByWholeLengths() throws {
    let mode = [text("mode", "linear"), text("coordinate_transformation_mode", "align_corners")]
    expectClose(try resize(0.6, mode, of: [0, 1, 2, 3]), [0, 3])
    expectClose(try resize(1.7, mode, of: [0, 1, 2]), [0, 0.5, 1, 1.5, 2])
  }

  @Test func lengthsAreCountedInSinglePrecision() throws {
    // In double precision 10 times the nearest single to 1.1 is 11.0000002, and 10 times that to 0.7 is 6.9999999.
    let mode = [text("mode", "nearest"), text("coordinate_transformation_mode", "asymmetric")]
    let x = (0..<10).map { Float($0) }
    #expect(try resize(0.7, mode, of: x).count == 7)
    #expect(try resize(1.1, mode, of: x).count == 11)
  }

  @Test(arguments: [("not_larger", [0.0, 1.5]), ("not_smaller", [0.0, 1.0, 2.0])])
  func sizesThatKeepTheRatioHaveOneScale(policy: String, expected: [Double]) throws {
    // Axes of 1 and 3 are asked to be 1 and 2: the scales are 2/3 and 1.
    let attributes = [
      text("mode", "linear"), text("keep_aspect_ratio_policy", policy),
      text("coordinate_transformation_mode", "asymmetric"), ONNXModels.integers("axes", [2, 3]),
    ]
    let found = try scores(
      [ONNXModels.node("Resize", ["in", "", "", "sizes"], ["out"], attributes)],
      [ONNXModels.tensor("sizes", [2], integers: [1, 2])], of: [0, 1, 2])
    expectClose(found, expected)
  }

  @Test(
    arguments: [
      (3, [127.0, -128, -56, 127, 0, 44, -1, 0, 64, 0]),
      (2, [127, 128, 200, 127, 0, 44, 255, 0, 64, 0]),
      (5, [127, 128, 200, -129, 256, 300, -1, 0, 16960, 0]),
      (4, [127, 128, 200, 65407, 256, 300, 65535, 0, 16960, 0]),
      (6, [127, 128, 200, -129, 256, 300, -1, 65536, 1_000_000, -2_147_483_648]),
      (7, [127, 128, 200, -129, 256, 300, -1, 65536, 1_000_000, 3_000_000_000]),
    ] as [(Int64, [Double])])
  func castsBeyondARange(type: Int64, expected: [Double]) throws {
    let x: [Float] = [127.9, 128, 200, -129, 256, 300.5, -1, 65536, 1e6, 3e9]
    let nodes = [
      ONNXModels.node("Cast", ["in"], ["c"], [ONNXModels.integer("to", type)]),
      ONNXModels.node("Cast", ["c"], ["out"], [ONNXModels.integer("to", 1)]),
    ]
    #expect(try scores(nodes, of: x) == expected)
    // The same among known values.
    let known = [
      ONNXModels.node("Cast", ["k"], ["c"], [ONNXModels.integer("to", type)]),
      ONNXModels.node("Cast", ["c"], ["d"], [ONNXModels.integer("to", 1)]),
      ONNXModels.node("Mul", ["in", "d"], ["out"]),
    ]
    let ones = [Float](repeating: 1, count: x.count)
    #expect(
      try scores(known, [ONNXModels.tensor("k", [10], floats: x)], of: ones) == expected)
  }

  @Test func doublePrecisionIsRefused() throws {
    let nodes = [
      ONNXModels.node("Cast", ["in"], ["d"], [ONNXModels.integer("to", 11)]),
      ONNXModels.node("Cast", ["d"], ["out"], [ONNXModels.integer("to", 1)]),
    ]
    let error = #expect(throws: ONNXError.self) { try scores(nodes, of: [1]) }
    #expect(error?.description.contains("double precision") == true)
  }

  @Test(arguments: [0.1, 0.5]) func knownDoublesAreExactOrRefused(_ number: Double) throws {
    var tensor = ONNXModels.tensor("k", [1], floats: [])
    tensor.dataType = 11
    tensor.doubleData = [number]
    let sum = [
      ONNXModels.node("Add", ["k", "k"], ["s"]),
      ONNXModels.node("Cast", ["s"], ["c"], [ONNXModels.integer("to", 1)]),
      ONNXModels.node("Mul", ["in", "c"], ["out"]),
    ]
    let alone = [
      ONNXModels.node("Cast", ["k"], ["c"], [ONNXModels.integer("to", 1)]),
      ONNXModels.node("Mul", ["in", "c"], ["out"]),
    ]
    #expect(try scores(alone, [tensor], of: [2]) == [Double(Float(number)) * 2])
    if number == 0.5 {
      #expect(try scores(sum, [tensor], of: [2]) == [2])
    } else {
      let error = #expect(throws: ONNXError.self) { try scores(sum, [tensor], of: [2]) }
      #expect(error?.description.contains("double precision") == true)
    }
  }

  @Test func blocksAndTriangles() throws {
    let x = (0..<8).map { Float($0) }
    func shape(_ values: Int64...) -> Onnx_TensorProto {
      ONNXModels.tensor("s", [Int64(values.count)], integers: values)
    }
    let modes: [(String, [Double])] = [
      ("DCR", [0, 2, 4, 6, 1, 3, 5, 7]), ("CRD", [0, 1, 2, 3, 4, 5, 6, 7]),
    ]
    for (mode, expected) in modes {
      let nodes = [
        ONNXModels.node("Reshape", ["in", "s"], ["a"]),
        ONNXModels.node(
          "DepthToSpace", ["a"], ["b"],
          [ONNXModels.integer("blocksize", 2), text("mode", mode)]),
        ONNXModels.node("Reshape", ["b", "r"], ["out"]),
      ]
      let row = ONNXModels.tensor("r", [2], integers: [-1, 8])
      #expect(try scores(nodes, [shape(-1, 8, 1, 1), row], of: x) == expected)
    }
    let sums = ONNXModels.node(
      "CumSum", ["in", "a"], ["out"],
      [ONNXModels.integer("reverse", 1), ONNXModels.integer("exclusive", 1)])
    #expect(
      try scores([sums], [ONNXModels.tensor("a", [], integers: [3])], of: [1, 2, 3, 4]) == [
        9, 7, 4, 0,
      ])
  }

  @Test func weightsThatAreFilledWithOneNumber() throws {
    func model(_ count: Int64) -> Onnx_ModelProto {
      let number = Onnx_AttributeProto.with {
        $0.name = "value"
        $0.type = .tensor
        $0.t = ONNXModels.tensor("", [1], floats: [0.25])
      }
      let nodes =
        (0..<4).map { layer in
          ONNXModels.node("ConstantOfShape", ["s"], ["w\(layer)"], [number])
        }
        + (0..<4).map { layer in
          ONNXModels.node(
            "MatMul", [layer == 0 ? "in" : "y\(layer)", "w\(layer)"],
            [layer == 3 ? "out" : "y\(layer + 1)"])
        }
      return ONNXModels.model(
        input: [nil, count], nodes, [ONNXModels.tensor("s", [2], integers: [count, count])])
    }
    let network = try ONNXModels.file(model(300)).network
    let x = Tensor<Float>([Float](repeating: 1, count: 300), shape: [1, 300])
    let largest = try ONNXModels.scores(network, x).scalars[0]
    #expect(abs(largest - 31_640_625) < 1)
    // Twice a gigabyte, in a file of a few hundred bytes.
    let error = #expect(throws: ONNXError.self) { try ONNXModels.file(model(11_000)) }
    #expect(
      error?.description.contains("filled with one number") == true
        || error?.description.contains("filled with one number") == true)
  }
}
