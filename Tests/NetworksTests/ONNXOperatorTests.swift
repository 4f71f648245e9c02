import Foundation
import Graphs
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import Testing

/// Operators of ONNX by their closed forms.
@Suite struct ONNXOperatorTests {
  private static let rows = Tensor<Float>(
    (0..<24).map { Float(($0 * 7 + 5) % 24) / 6 - 2 }, shape: [2, 12])

  private static func numbers(_ name: String, _ value: Float) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .float
      $0.f = value
    }
  }

  private func scores(
    _ nodes: [Onnx_NodeProto], _ initializers: [Onnx_TensorProto] = [],
    input: [Int64?] = [nil, 12],
    opset: Int64 = 17
  ) throws -> [Double] {
    let model = ONNXModels.model(opset: opset, input: input, nodes, initializers)
    let network = try ONNXModels.file(model).network
    return try ONNXModels.scores(network, Self.rows.reshaped(to: network.input.shape.prepending(2)))
      .scalars
  }

  struct Function: Sendable, CustomTestStringConvertible {
    let name: String
    var opset: Int64 = 17
    var numbers: [(String, Float)] = []
    let value: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  static let functions = [
    Function(name: "Mish", opset: 18) { $0 * tanh(log1p(exp($0))) },
    Function(name: "Softsign") { $0 / (1 + abs($0)) },
    Function(name: "Swish", opset: 24, numbers: [("alpha", 1.5)]) { $0 / (1 + exp(-1.5 * $0)) },
    Function(name: "Celu", numbers: [("alpha", 0.5)]) {
      max(0, $0) + min(0, 0.5 * (exp($0 / 0.5) - 1))
    },
    Function(name: "ThresholdedRelu", numbers: [("alpha", 0.5)]) { $0 > 0.5 ? $0 : 0 },
    Function(name: "Shrink", numbers: [("lambd", 0.5), ("bias", 0.25)]) {
      $0 < -0.5 ? $0 + 0.25 : $0 > 0.5 ? $0 - 0.25 : 0
    },
  ]

  @Test(arguments: functions)
  func functionsOfOneNumber(function: Function) throws {
    let attributes = function.numbers.map { Self.numbers($0.0, $0.1) }
    let values = try scores(
      [ONNXModels.node(function.name, ["in"], ["out"], attributes)], opset: function.opset)
    for (value, x) in zip(values, Self.rows.scalars) {
      #expect(abs(value - function.value(Double(x))) < 1e-6)
    }
  }

  /// Values minus their mean, divided by their deviation, over groups of neighbours.
  private func standardized(_ size: Int, epsilon: Double, outside: Double = 0) -> [Double] {
    let values = Self.rows.scalars.map(Double.init)
    return stride(from: 0, to: values.count, by: size).flatMap { start -> [Double] in
      let part = values[start..<start + size]
      let mean = part.reduce(0, +) / Double(size)
      let variance = part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      return part.map { ($0 - mean) / ((variance + epsilon).squareRoot() + outside) }
    }
  }

  @Test(arguments: [18, 21] as [Int64])
  func groupsAreNormalized(opset: Int64) throws {
    let count = opset < 21 ? 2 : 4
    let scale = (0..<count).map { Float($0 + 1) / 2 }
    let values = try scores(
      [
        ONNXModels.node(
          "GroupNormalization", ["in", "s", "b"], ["g"],
          [ONNXModels.integer("num_groups", 2)]),
        ONNXModels.node("Flatten", ["g"], ["out"]),
      ],
      [
        ONNXModels.tensor("s", [Int64(count)], floats: scale),
        ONNXModels.tensor("b", [Int64(count)], floats: scale),
      ], input: [nil, 4, 3], opset: opset)
    let standard = standardized(6, epsilon: 1e-5)
    for place in values.indices {
      let own = Double(scale[place % 12 / (12 / count)])
      #expect(abs(values[place] - (standard[place] * own + own)) < 1e-5)
    }
  }

  @Test func meansAndSquaresAreNormalized() throws {
    let flatten = ONNXModels.node("Flatten", ["g"], ["out"])
    let values = try scores(
      [
        ONNXModels.node(
          "MeanVarianceNormalization", ["in"], ["g"], [ONNXModels.integers("axes", [2])]), flatten,
      ], input: [nil, 4, 3])
    for (value, own) in zip(values, standardized(3, epsilon: 0, outside: 1e-9)) {
      #expect(abs(value - own) < 1e-5)
    }
    let roots = try scores(
      [ONNXModels.node("RMSNormalization", ["in", "s"], ["g"]), flatten],
      [ONNXModels.tensor("s", [3], floats: [1, 2, 3])], input: [nil, 4, 3], opset: 23)
    let x = Self.rows.scalars.map(Double.init)
    for place in roots.indices {
      let row = x[place / 3 * 3..<place / 3 * 3 + 3]
      let root = (row.reduce(0) { $0 + $1 * $1 } / 3 + 1e-5).squareRoot()
      #expect(abs(roots[place] - x[place] / root * Double(place % 3 + 1)) < 1e-5)
    }
  }

  @Test func knownIndicesSelectAndAssign() throws {
    let x = Self.rows.scalars.map(Double.init)
    let flatten = ONNXModels.node("Flatten", ["g"], ["out"])
    func values(
      _ op: String, _ inputs: [String], _ attributes: [Onnx_AttributeProto],
      _ tensors: [Onnx_TensorProto]
    ) throws -> [[Double]] {
      let all = try scores(
        [ONNXModels.node(op, inputs, ["g"], attributes), flatten], tensors, input: [1, 3, 4],
        opset: 18)
      return [Array(all[..<(all.count / 2)]), Array(all[(all.count / 2)...])]
    }
    for row in 0..<2 {
      func at(_ i: Int, _ j: Int) -> Double { x[row * 12 + i * 4 + j] }
      // Of the one example, places (0, i, j).
      let gathered = try values(
        "GatherND", ["in", "i"], [],
        [ONNXModels.tensor("i", [1, 3, 3], integers: [0, 2, 3, 0, 0, -1, 0, 1, 0])])[row]
      #expect(gathered == [at(2, 3), at(0, 3), at(1, 0)])
      let batched = try values(
        "GatherND", ["in", "i"], [ONNXModels.integer("batch_dims", 1)],
        [ONNXModels.tensor("i", [1, 2, 1], integers: [2, 0])])[row]
      #expect(batched == (0..<4).map { at(2, $0) } + (0..<4).map { at(0, $0) })
      let elements = try values(
        "GatherElements", ["in", "i"], [ONNXModels.integer("axis", 1)],
        [ONNXModels.tensor("i", [1, 2, 4], integers: [0, 1, 2, 0, -1, 1, 0, 2])])[row]
      #expect(
        elements == [
          at(0, 0), at(1, 1), at(2, 2), at(0, 3), at(2, 0), at(1, 1), at(0, 2), at(2, 3),
        ])
      let assigned = try values(
        "ScatterND", ["in", "i", "u"], [],
        [
          ONNXModels.tensor("i", [2, 2], integers: [0, 2, 0, -3]),
          ONNXModels.tensor("u", [2, 4], floats: [1, 2, 3, 4, 5, 6, 7, 8]),
        ])[row]
      #expect(assigned == [5, 6, 7, 8] + (0..<4).map { at(1, $0) } + [1, 2, 3, 4])
      let added = try values(
        "ScatterElements", ["in", "i", "u"],
        [
          ONNXModels.integer("axis", 2),
          .with {
            $0.name = "reduction"
            $0.type = .string
            $0.s = Data("add".utf8)
          },
        ],
        [
          ONNXModels.tensor("i", [1, 1, 3], integers: [1, 1, 3]),
          ONNXModels.tensor("u", [1, 1, 3], floats: [1, 2, 4]),
        ])[row]
      #expect(added[1] == at(0, 1) + 3 && added[3] == at(0, 3) + 4 && added[4] == at(1, 0))
      let chosen = try values(
        "Compress", ["in", "c"], [ONNXModels.integer("axis", 2)],
        [ONNXModels.tensor("c", [3], integers: [0, 1, 1])])[row]
      #expect(chosen == (0..<3).flatMap { [at($0, 1), at($0, 2)] })
    }
  }

  @Test func indicesOutsideAreRefused() throws {
    for (op, tensors, part) in [
      ("GatherND", [ONNXModels.tensor("i", [1, 2], integers: [0, 3])], "index 3 is outside"),
      (
        "GatherND", [ONNXModels.tensor("i", [1, 5], integers: [0, 0, 0, 0, 0])], "its indices are"
      ),
      (
        "GatherElements", [ONNXModels.tensor("i", [1, 1, 5], integers: [0, 0, 0, 0, 0])],
        "its indices are"
      ),
    ] {
      let error = #expect(throws: ONNXError.self) {
        try scores(
          [ONNXModels.node(op, ["in", "i"], ["g"]), ONNXModels.node("Flatten", ["g"], ["out"])],
          tensors, input: [nil, 3, 4])
      }
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
  }

  @Test(arguments: [false, true])
  func attentionIsASoftmaxOfProducts(isCausal: Bool) throws {
    // Two heads of two tokens of three values; keys are queries and values.
    let values = try scores(
      [
        ONNXModels.node(
          "Attention", ["in", "in", "in"], ["g"],
          [
            ONNXModels.integer("q_num_heads", 2), ONNXModels.integer("kv_num_heads", 2),
            ONNXModels.integer("is_causal", isCausal ? 1 : 0),
          ]), ONNXModels.node("Flatten", ["g"], ["out"]),
      ], input: [nil, 2, 6], opset: 23)
    let x = Self.rows.scalars.map(Double.init)
    for row in 0..<2 {
      for head in 0..<2 {
        func token(_ t: Int) -> [Double] {
          (0..<3).map { x[row * 12 + t * 6 + head * 3 + $0] }
        }
        for t in 0..<2 {
          let weights = (0..<2).map { s -> Double in
            if isCausal, s > t { return 0 }
            return exp(zip(token(t), token(s)).reduce(0) { $0 + $1.0 * $1.1 } / 3.0.squareRoot())
          }
          let sum = weights[0] + weights[1]
          for d in 0..<3 {
            let wanted = (weights[0] * token(0)[d] + weights[1] * token(1)[d]) / sum
            #expect(abs(values[row * 12 + t * 6 + head * 3 + d] - wanted) < 1e-5)
          }
        }
      }
    }
  }
}
