import Graphs
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors

extension Format {
  /// Networks in ONNX's form.
  static let networks = [
    Format(
      name: "onnx",
      seeds: { _ in
        let input = InputDescription(shape: [2, 6, 6])
        return try [
          Network("convolutional", input: input, seed: 1) {
            Convolve(3, kernel: 3, padding: 1)
            BatchNorm()
            ReLU()
            MaxPooling(2)
            Flatten()
            Linear(4)
          },
          Network("transformer", input: input, seed: 2) {
            TokenEmbedding(patch: 3, width: 4)
            TransformerBlock(heads: 2)
            ClassToken()
            Linear(3)
          },
        ].map { try $0.encodedForONNX() } + [try functions().serializedBytes()]
      },
      read: { bytes, path in _ = try ONNXFile(bytes: bytes, name: path) },
      long: { try LongFile.networks($0) })
  ]

  /// A network of functions, lists of tensors, two outputs and nodes out of order.
  private static func functions() -> Onnx_ModelProto {
    func node(
      _ op: String, _ inputs: [String], _ outputs: [String], domain: String = ""
    ) -> Onnx_NodeProto {
      .with {
        ($0.opType, $0.input, $0.output, $0.domain) = (op, inputs, outputs, domain)
        if op == "SplitToSequence" || op == "ConcatFromSequence" {
          $0.attribute = [
            .with {
              $0.name = "axis"
              $0.type = .int
              $0.i = 1
            }
          ]
        }
        if op == "LeakyRelu" {
          $0.attribute = [
            .with {
              ($0.name, $0.refAttrName) = ("alpha", "slope")
              $0.type = .float
            }
          ]
        }
      }
    }
    func value(_ name: String, _ extents: [Int64]) -> Onnx_ValueInfoProto {
      .with {
        $0.name = name
        $0.type.tensorType.elemType = 1
        $0.type.tensorType.shape.dim = extents.map { extent in
          .with { $0.value = extent > 0 ? .dimValue(extent) : .dimParam("N") }
        }
      }
    }
    func function(_ name: String, _ nodes: [Onnx_NodeProto]) -> Onnx_FunctionProto {
      .with {
        ($0.name, $0.domain) = (name, "f")
        ($0.input, $0.output, $0.attribute) = (["a"], ["b"], ["slope"])
        $0.node = nodes
        $0.opsetImport = [.with { $0.version = 17 }]
      }
    }
    return .with {
      $0.irVersion = 8
      $0.opsetImport = [.with { $0.version = 17 }]
      $0.functions = [
        function("Leaky", [node("LeakyRelu", ["a"], ["b"])]),
        function(
          "Twice",
          [node("Leaky", ["t"], ["b"], domain: "f"), node("Leaky", ["a"], ["t"], domain: "f")]),
      ]
      $0.graph.input = [value("x", [0, 4])]
      $0.graph.output = [value("y", [0, 4]), value("z", [0, 4])]
      $0.graph.initializer = [
        .with {
          ($0.name, $0.dataType, $0.dims, $0.int64Data) = ("i", 7, [2, 2], [0, 1, 0, 3])
        }
      ]
      $0.graph.node = [
        node("Add", ["u", "c"], ["y"]), node("Twice", ["x"], ["u"], domain: "f"),
        node("SplitToSequence", ["x"], ["s"]), node("ConcatFromSequence", ["s"], ["c"]),
        node("GatherND", ["x", "i"], ["z"]),
      ]
    }
  }
}
