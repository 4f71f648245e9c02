import ONNXMessages
import SwiftProtobuf

extension LongFile {
  /// Networks.
  static func networks(_ n: Int) throws -> [LongFile] {
    func node(_ op: String, _ inputs: [String], _ outputs: [String]) -> Onnx_NodeProto {
      .with { ($0.opType, $0.input, $0.output) = (op, inputs, outputs) }
    }
    func value(_ name: String) -> Onnx_ValueInfoProto {
      .with {
        $0.name = name
        $0.type.tensorType.elemType = 1
        $0.type.tensorType.shape.dim = [
          .with { $0.value = .dimParam("N") }, .with { $0.value = .dimValue(4) },
        ]
      }
    }
    func tensor(_ name: String) -> Onnx_TensorProto {
      .with { ($0.name, $0.dataType, $0.dims, $0.floatData) = (name, 1, [1], [0.5]) }
    }
    func file(
      _ name: String, _ nodes: [Onnx_NodeProto], output: String = "y",
      _ change: (inout Onnx_ModelProto) -> Void = { _ in }
    ) throws -> LongFile {
      var model = Onnx_ModelProto()
      model.irVersion = 8
      model.opsetImport = [.with { $0.version = 17 }]
      model.graph.input = [value("x")]
      model.graph.output = [value(output)]
      model.graph.node = nodes
      change(&model)
      return LongFile(name, try model.serializedBytes())
    }
    /// Nodes of which each takes what the one before it gives.
    func chain(_ op: String, _ size: Int = 22, _ others: [String] = []) -> [Onnx_NodeProto] {
      let count = n / size
      return (0..<count).map {
        node(op, [$0 == 0 ? "x" : "v\($0)"] + others, [$0 == count - 1 ? "y" : "v\($0 + 1)"])
      }
    }
    let relu = node("Relu", ["x"], ["y"])
    let many = (0..<n / 8).map { "v\($0)" }
    return try [
      file("Identity", chain("Identity")), file("Relu", chain("Relu")), file("Neg", chain("Neg")),
      file("Transpose", chain("Transpose", 28)), file("Flatten", chain("Flatten")),
      file("Softmax", chain("Softmax", 24)), file("Shape", chain("Shape")),
      file("Dropout", chain("Dropout")),
      file("Unsqueeze", chain("Unsqueeze", 26, ["i"])) {
        $0.graph.initializer = [
          .with { ($0.name, $0.dataType, $0.dims, $0.int64Data) = ("i", 7, [1], [0]) }
        ]
      },
      file("Add", chain("Add", 24, ["c"])) { $0.graph.initializer = [tensor("c")] },
      file("Add of the input", chain("Add", 24, ["x"])),
      file(
        "Mul of constants", chain("Mul", 24, ["c"]) + [node("Add", ["x", "y"], ["z"])], output: "z"
      ) {
        $0.graph.node[0].input = ["c", "c"]
        $0.graph.initializer = [tensor("c")]
      },
      file(
        "Cast",
        chain("Cast", 30).map { node in
          var node = node
          node.attribute = [.with { ($0.name, $0.type, $0.i) = ("to", .int, 1) }]
          return node
        }
      ) { $0.graph.input[0].type.tensorType.elemType = 7 },
      file("nodes backwards", chain("Relu").reversed()),
      file("uses of the input", (0..<n / 20).map { node("Relu", ["x"], ["u\($0)"]) } + [relu]),
      file("uses of whole numbers", (0..<n / 24).map { node("Cast", ["x"], ["u\($0)"]) } + [relu]) {
        $0.graph.input[0].type.tensorType.elemType = 7
      },
      file("Sum", [node("Sum", [String](repeating: "x", count: n / 3), ["y"])]),
      file(
        "Concat",
        [
          .with {
            ($0.opType, $0.input, $0.output) = (
              "Concat", [String](repeating: "x", count: n / 3), ["y"]
            )
            $0.attribute = [.with { ($0.name, $0.type, $0.i) = ("axis", .int, 1) }]
          }
        ]),
      file(
        "Split",
        [
          .with {
            ($0.opType, $0.input, $0.output) = ("Split", ["x"], many)
            $0.attribute = [.with { ($0.name, $0.type, $0.i) = ("axis", .int, 1) }]
          }, node("Relu", ["x"], ["y"]),
        ]),
      file("initializers", [relu]) { $0.graph.initializer = (0..<n / 22).map { tensor("t\($0)") } },
      file("inputs", [relu]) { $0.graph.input += (0..<n / 40).map { value("i\($0)") } },
      file("outputs", [relu]) { $0.graph.output += (0..<n / 40).map { value("o\($0)") } },
      file("outputs of nodes", (0..<n / 60).map { node("Relu", ["x"], ["o\($0)"]) } + [relu]) {
        $0.graph.output = (0..<n / 60).map { value("o\($0)") }
      },
      file("metadata", [relu]) {
        $0.metadataProps = (0..<n / 14).map { number in
          .with { ($0.key, $0.value) = ("k\(number)", "v") }
        }
      },
      file("attributes", [relu]) {
        $0.graph.node[0].attribute = (0..<n / 14).map { number in
          .with { ($0.name, $0.type, $0.i) = ("a\(number)", .int, 1) }
        }
      },
      file("opsets", [relu]) {
        $0.opsetImport += (0..<n / 8).map { number in .with { $0.domain = "d\(number)" } }
      },
      file("a name", [node("Relu", ["x"], [repeated("a", n)])], output: repeated("a", n)),
      file(
        "lists",
        [node("SequenceEmpty", [], ["v0"])]
          + (0..<n / 40).map {
            node("SequenceInsert", ["v\($0)", "x"], ["v\($0 + 1)"])
          } + [node("SequenceAt", ["v\(n / 40)", "i"], ["y"])]
      ) {
        $0.graph.initializer = [.with { ($0.name, $0.dataType, $0.int64Data) = ("i", 7, [0]) }]
      },
      file(
        "calls",
        chain("F", 30).map { node in
          var node = node
          node.domain = "f"
          return node
        }
      ) {
        $0.functions = [
          .with {
            ($0.name, $0.domain, $0.input, $0.output) = ("F", "f", ["a"], ["b"])
            $0.node = [node("Relu", ["a"], ["b"])]
            $0.opsetImport = [.with { $0.version = 17 }]
          }
        ]
      },
      file("extents", [relu]) {
        $0.graph.input[0].type.tensorType.shape.dim = [Onnx_TensorShapeProto.Dimension](
          repeating: .with { $0.value = .dimValue(1) }, count: n / 4)
      },
    ]
  }
}
