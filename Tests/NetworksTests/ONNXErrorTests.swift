import Engine
import Graphs
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import Testing

/// Files that are no network we can have: one line that names file, place and expectation.
@Suite struct ONNXErrorTests {
  /// A change of a good file that makes it a bad one.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What the error's line says.
    let parts: [String]
    let apply: @Sendable (inout Onnx_ModelProto) -> Void

    init(
      _ what: String, _ parts: [String],
      _ apply: @escaping @Sendable (inout Onnx_ModelProto) -> Void
    ) {
      testDescription = what
      self.parts = parts
      self.apply = apply
    }
  }

  static func node(_ name: String, _ model: Onnx_ModelProto) -> Int {
    model.graph.node.firstIndex { $0.output.first == name } ?? 0
  }

  static let changes: [Change] = [
    Change(
      "quantised", ["'r' (QuantizeLinear, opset 17)", "not supported", "before it is quantised"]
    ) { $0.graph.node[node("r", $0)].opType = "QuantizeLinear" },
    Change(
      "control flow", ["(Loop, opset 17)", "by tracing"]
    ) { $0.graph.node[node("r", $0)].opType = "Loop" },
    Change(
      "another domain", ["com.microsoft.Relu", "onnxruntime's optimisations"]
    ) { $0.graph.node[node("r", $0)].domain = "com.microsoft" },
    Change(
      "without a known way around", ["'r' (TopK, opset 17)", "no exporter option avoids it"]
    ) { $0.graph.node[node("r", $0)].opType = "TopK" },
    Change(
      "never heard of", ["(Frobnicate, opset 17)", "no exporter option is known that avoids it"]
    ) { $0.graph.node[node("r", $0)].opType = "Frobnicate" },
    Change(
      "drawn at random", ["(RandomNormalLike, opset 17)", "model.eval()"]
    ) { $0.graph.node[node("r", $0)].opType = "RandomNormalLike" },
    Change("an old opset", ["opset", "found 3"]) { $0.opsetImport[0].version = 3 },
    Change("no opset", ["opset", "found none"]) { $0.opsetImport = [] },
    Change("no nodes", ["found none in the file"]) { $0.graph.node = [] },
    Change(
      "a cycle", ["node 'p'", "'r' depends on its own result", "no circle"]
    ) { $0.graph.node[node("r", $0)].input = ["a"] },
    Change(
      "a missing name", ["node 'b'", "'absent'"]
    ) { $0.graph.node[node("b", $0)].input[2] = "absent" },
    Change(
      "a name twice", ["another node defines 'r'"]
    ) { $0.graph.node[node("a", $0)].output = ["r"] },
    Change(
      "a name of a weight", ["node 'fc1.bias'", "an initializer of the file as well"]
    ) { $0.graph.node[node("a", $0)].output = ["fc1.bias"] },
    Change("a fixed batch", ["input 'in'", "fixed at 8"]) {
      $0.graph.input[0] = value([8, 2, 4, 4])
    },
    Change("an unknown height", ["axis 2"]) { $0.graph.input[0] = value([nil, 2, nil, 4]) },
    Change(
      "an absurd input", ["absurd"]
    ) { $0.graph.input[0] = value([nil, 1 << 40, 1 << 40, 1 << 40]) },
    Change(
      "two inputs", ["expected one input", "'more'"]
    ) {
      $0.graph.input.append(ONNXModels.value("more", [1, 2, 1, 1]))
      $0.graph.node[0].input[1] = "more"
    },
    Change(
      "two outputs, none of them scores", ["'c' (1x3x4x4)", "'r' (1x3x4x4)", "GlobalAveragePool"]
    ) {
      $0.graph.output = [ONNXModels.value("c", [nil]), ONNXModels.value("r", [nil])]
    },
    Change(
      "texts", ["input 'in'", "expected floats, found string"]
    ) { $0.graph.input[0].type.tensorType.elemType = 8 },
    Change(
      "bytes that are computed with", ["input 'in'", "expected floats, found uint8"]
    ) { $0.graph.input[0].type.tensorType.elemType = 2 },
    Change(
      "a misfit weight", ["initializer 'conv.weight'", "do not fill"]
    ) { $0.graph.initializer[1].dims = [3, 2, 3, 4] },
    Change(
      "negative extents", ["initializer 'conv.weight'", "absurd"]
    ) { $0.graph.initializer[1].dims = [-3, -2, 3, 3] },
    Change(
      "overflowing extents", ["initializer 'conv.weight'", "absurd"]
    ) { $0.graph.initializer[1].dims = [1 << 62, 1 << 62, 4, 4] },
    Change(
      "text as a weight", ["initializer 'conv.weight'", "not supported"]
    ) { $0.graph.initializer[1].dataType = 8 },
    Change(
      "an absurd kernel", ["'c' (Conv", "out of range"]
    ) { $0.graph.node[node("c", $0)].attribute[0].ints = [1, 1, 1, .max] },
    Change(
      "an unknown attribute", ["'r' (Relu", "'alpha'"]
    ) { $0.graph.node[node("r", $0)].attribute = [ONNXModels.integer("alpha", 1)] },
    Change(
      "an attribute of another type", ["'pads'", "expected ints"]
    ) { $0.graph.node[node("c", $0)].attribute[0] = ONNXModels.integer("pads", 1) },
    Change(
      "training mode", ["'b' (BatchNormalization", "model.eval()"]
    ) { $0.graph.node[node("b", $0)].attribute = [ONNXModels.integer("training_mode", 1)] },
    Change(
      "an impossible shape", ["'f' (Reshape", "cannot become"]
    ) { $0.graph.initializer[9].int64Data = [5] },
    Change(
      "an index outside", ["'batch' (Gather", "index 9"]
    ) { $0.graph.initializer[7].int64Data = [9] },
    Change(
      "a shape that depends on the input", ["'f' (Reshape", "depends on the network's input"]
    ) { $0.graph.node[node("f", $0)].input[1] = "p" },
    Change(
      "an image as output", ["output 'c'", "row of scores"]
    ) { $0.graph.output[0].name = "c" },
    Change(
      "an output of the file alone", ["output 'scale'", "does not depend"]
    ) { $0.graph.output[0].name = "scale" },
    Change(
      "metadata", ["metadata", "bounds", "expected numbers"]
    ) {
      $0.metadataProps = [
        .with {
          $0.key = "gibbon.input/bounds"; $0.value = "low"
        }
      ]
    },
  ]

  static func value(_ dims: [Int64?]) -> Onnx_ValueInfoProto { ONNXModels.value("in", dims) }

  @Test(arguments: changes)
  func badFilesAreRefused(change: Change) throws {
    var model = ONNXModels.classifier()
    _ = try ONNXModels.file(model)
    change.apply(&model)
    let error = #expect(throws: ONNXError.self) { _ = try ONNXModels.file(model) }
    let text = error?.description ?? ""
    for part in ["test.onnx"] + change.parts { #expect(text.contains(part), "\(text)") }
    #expect(!text.contains("\n"))
  }

  @Test func damagedFilesThrowAndNeverCrash() throws {
    let bytes: [UInt8] = try ONNXModels.classifier().serializedBytes()
    for length in 0..<bytes.count {
      read(Array(bytes[..<length]))
    }
    var random = RandomKey(seed: 11).child("damage").generator
    for _ in 0..<4000 {
      var copy = bytes
      for _ in 0..<1 + random.integer(below: 3) {
        let place = random.integer(below: copy.count)
        switch random.integer(below: 3) {
        case 0: copy[place] ^= 1 << random.integer(below: 8)
        case 1: copy[place] = 0xFF
        default: copy.insert(contentsOf: [0xFF, 0xFF, 0xFF, 0xFF, 0x7F], at: place)
        }
      }
      read(copy)
    }
  }

  @Test func nestingIsBounded() throws {
    // A message in a message, a hundred thousand times, by the field of a graph and of a node's attribute.
    for tag: UInt8 in [0x3A, 0x2A] {
      var bytes: [UInt8] = []
      for _ in 0..<2000 { bytes = [tag] + length(bytes.count) + bytes }
      #expect(throws: ONNXError.self) { _ = try ONNXFile(bytes: bytes, name: "deep.onnx") }
    }
  }

  @Test func longChainsNeedNoStack() throws {
    let count = 30_000
    let chain = (0..<count).map { ONNXModels.node("Relu", ["v\($0)"], ["v\($0 + 1)"]) }
    let model = ONNXModels.model(
      input: [nil, 2], chain + [ONNXModels.node("Add", ["in", "v\(count)"], ["out"])],
      [ONNXModels.tensor("v0", [2], floats: [1, -1])])
    let network = try ONNXModels.file(model).network
    let (graph, parameters) = network.graph.foldingNormalization(network.parameters)
    #expect(graph.nodes.count < 10)
    #expect(parameters.values.contains { $0.scalars == [1, 0] })
  }

  @Test func countlessNodesAreNotDecoded() throws {
    let nodes = [UInt8](repeating: 0, count: 2_000_000).indices.map {
      UInt8($0 % 2 == 0 ? 0x0A : 0)
    }
    let error = #expect(throws: ONNXError.self) {
      _ = try ONNXFile(bytes: [0x3A] + length(nodes.count) + nodes, name: "many.onnx")
    }
    #expect(error?.description.contains("at most") == true)
  }

  private func length(_ count: Int) -> [UInt8] {
    var (rest, bytes) = (count, [UInt8]())
    repeat {
      bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  /// Reads a file that may be damaged; only our own errors may come of it.
  private func read(_ bytes: [UInt8]) {
    do throws(ONNXError) {
      _ = try ONNXFile(bytes: bytes, name: "damaged.onnx")
    } catch {
      #expect(error.description.contains("damaged.onnx"))
    }
  }
}
