import Foundation
import Graphs
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors

/// Small ONNX files, written field by field.
enum ONNXModels {
  /// A node.
  static func node(
    _ op: String, _ inputs: [String], _ outputs: [String], _ attributes: [Onnx_AttributeProto] = []
  ) -> Onnx_NodeProto {
    .with {
      $0.opType = op
      $0.input = inputs
      $0.output = outputs
      $0.attribute = attributes
    }
  }

  static func integers(_ name: String, _ values: [Int64]) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .ints
      $0.ints = values
    }
  }

  static func integer(_ name: String, _ value: Int64) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .int
      $0.i = value
    }
  }

  static func text(_ name: String, _ value: String) -> Onnx_AttributeProto {
    .with {
      $0.name = name
      $0.type = .string
      $0.s = Data(value.utf8)
    }
  }

  static func tensor(_ name: String, _ dims: [Int64], floats: [Float]) -> Onnx_TensorProto {
    .with {
      $0.name = name
      $0.dims = dims
      $0.dataType = 1
      $0.floatData = floats
    }
  }

  static func tensor(_ name: String, _ dims: [Int64], integers: [Int64]) -> Onnx_TensorProto {
    .with {
      $0.name = name
      $0.dims = dims
      $0.dataType = 7
      $0.int64Data = integers
    }
  }

  static func value(_ name: String, _ dims: [Int64?]) -> Onnx_ValueInfoProto {
    .with {
      $0.name = name
      $0.type.tensorType.elemType = 1
      $0.type.tensorType.shape.dim = dims.map { dim in
        .with { $0.value = dim.map { .dimValue($0) } ?? .dimParam("N") }
      }
    }
  }

  /// A file with one input `in` and one output `out`.
  static func model(
    opset: Int64 = 17, input: [Int64?], _ nodes: [Onnx_NodeProto],
    _ initializers: [Onnx_TensorProto] = []
  ) -> Onnx_ModelProto {
    .with {
      $0.irVersion = 8
      $0.opsetImport = [.with { $0.version = opset }]
      $0.graph.node = nodes
      $0.graph.initializer = initializers
      $0.graph.input = [value("in", input)]
      $0.graph.output = [value("out", [nil])]
    }
  }

  /// A classifier of 2 x 4 x 4 images: convolution, normalisation, pooling, two linear layers.
  static func classifier() -> Onnx_ModelProto {
    func wave(_ count: Int, _ phase: Float) -> [Float] {
      (0..<count).map { Float(($0 * 37 + 11) % 23) / 23 - 0.5 + phase }
    }
    return model(
      input: [nil, 2, 4, 4],
      [
        node("Sub", ["in", "mean"], ["centred"]),
        node(
          "Conv", ["centred", "conv.weight", "conv.bias"], ["c"],
          [integers("pads", [1, 1, 1, 1]), integers("kernel_shape", [3, 3])]),
        node("BatchNormalization", ["c", "scale", "shift", "m", "v"], ["b"]),
        node("Relu", ["b"], ["r"]),
        node(
          "MaxPool", ["r"], ["p"],
          [integers("kernel_shape", [2, 2]), integers("strides", [2, 2])]),
        node("Shape", ["p"], ["shape"]),
        node("Gather", ["shape", "zero"], ["batch"]),
        node("Unsqueeze", ["batch", "zeros"], ["batches"]),
        node("Concat", ["batches", "rest"], ["target"], [integer("axis", 0)]),
        node("Reshape", ["p", "target"], ["f"]),
        node("Gemm", ["f", "fc1.weight", "fc1.bias"], ["h"], [integer("transB", 1)]),
        node("Relu", ["h"], ["a"]),
        node("MatMul", ["a", "fc2.weight"], ["out"]),
      ],
      [
        tensor("mean", [1, 2, 1, 1], floats: [0.5, 0.25]),
        tensor("conv.weight", [3, 2, 3, 3], floats: wave(54, 0)),
        tensor("conv.bias", [3], floats: [0.1, -0.1, 0]),
        tensor("scale", [3], floats: [1, 0.5, 2]), tensor("shift", [3], floats: [0, 0.5, -0.25]),
        tensor("m", [3], floats: [0.1, 0, -0.1]), tensor("v", [3], floats: [1, 0.5, 2]),
        tensor("zero", [], integers: [0]), tensor("zeros", [1], integers: [0]),
        tensor("rest", [1], integers: [-1]),
        tensor("fc1.weight", [5, 12], floats: wave(60, 0.1)),
        tensor("fc1.bias", [5], floats: wave(5, 0)),
        tensor("fc2.weight", [5, 4], floats: wave(20, 0)),
      ])
  }

  static func file(
    _ model: Onnx_ModelProto, options: ONNXFile.Options = .init()
  ) throws -> ONNXFile {
    try ONNXFile(bytes: try model.serializedBytes(), name: "test.onnx", options: options)
  }

  /// The scores of rows by the operators' definitions.
  static func scores(_ network: Network, _ rows: Tensor<Float>) throws -> Tensor<Double> {
    let outputs = try Interpreter(network.graph)(
      [Network.inputName: rows.converted(to: Double.self)],
      parameters: network.parameters.mapValues { $0.converted() })
    return outputs[Network.outputName] ?? Tensor(0)
  }
}
