import Archives
import Datasets
import Files
import Graphs
import Images
import Networks
import ONNXMessages
import Pickles
import SwiftProtobuf
import Tensors

/// A kind of file that is read from outside, and what reads it.
struct Format: Sendable {
  /// What the command line calls it.
  let name: String
  /// Honest files, in memory.
  let seeds: @Sendable (Fixtures) throws -> [[UInt8]]
  /// Reads a file to the end of all that it holds; throws what the reader throws.
  let read: @Sendable (_ bytes: [UInt8], _ path: String) throws -> Void

  /// Whole files of about as many bytes that would take a careless reader the square of their size.
  var long: @Sendable (_ byteCount: Int) throws -> [LongFile] = { _ in [] }

  /// All formats; whoever adds a reader of outside files adds it here.
  static let all: [Format] = archives + images + data + networks + models

  /// Gzip and ZIP.
  static let archives = [
    Format(
      name: "gzip",
      seeds: { _ in [Format.gzip(Array("to be or not to be".utf8)), Format.gzip([])] },
      read: { bytes, path in _ = try FileContents(name: path, bytes: bytes).uncompressed() },
      long: { LongFile.members($0, of: Format.gzip([])) }),
    Format(
      name: "zip", seeds: { try $0.files("numpy", ".npz") },
      read: { bytes, path in
        let archive = try ZipArchive(bytes: bytes, name: path)
        for entry in archive.entries { _ = try archive.contents(of: entry, limit: 1 << 24) }
      }, long: { try LongFile.archives($0) }),
  ]

  /// Pictures.
  static let images = [
    Format(
      name: "png", seeds: { try $0.files("images", ".png") },
      read: { bytes, path in _ = try ImageFile.decode(bytes, name: path) }),
    Format(
      name: "jpeg", seeds: { try $0.files("images", ".jpg") },
      read: { bytes, path in _ = try ImageFile.decode(bytes, name: path) }),
  ]

  /// Data sets.
  static let data = [
    Format(
      name: "npy", seeds: { try $0.files("numpy", ".npy") },
      read: { bytes, path in
        let array = try NPYArray(FileContents(name: path, bytes: bytes))
        _ = try array.tensor()
        if array.type.kind != .float { _ = try array.integers() }
      }, long: { LongFile.arrays($0) }),
    Format(
      name: "npz", seeds: { try $0.files("numpy", ".npz") },
      read: { bytes, path in
        let data = try Dataset(name: path, npz: NPZ(bytes: bytes, name: path))
        for position in 0..<min(data.count, 10) { _ = try data.image(at: position) }
      }, long: { try LongFile.archives($0) }),
    Format(
      name: "idx",
      seeds: { _ in
        [
          [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(0..<12),
          [0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2],
        ]
      },
      read: { bytes, path in _ = try IDX(bytes, named: path) }, long: { LongFile.indices($0) }),
    Format(
      name: "cifar",
      seeds: { fixtures in
        let batches = try fixtures.files("cifar")
        return batches + [[3] + [UInt8](repeating: 7, count: 3072)]
      },
      read: { _, path in
        let data = try CIFAR.ten.load(file: path)
        for position in 0..<min(data.count, 10) { _ = try data.image(at: position) }
      }),
    Format(
      name: "csv",
      seeds: { _ in
        [
          Array("a,b,label\n1,2.5,0\n-3,4e1,2\n".utf8),
          Array("# a\nsep=;\n;a;1e3;label;\r0;1,5;-2;0;\r1;1.234,5;3;1;\r".utf8),
          Array("0 1 2\n0.5 1'000 -\n true 5% 2020-01-02\n".utf8),
          [0xFF, 0xFE] + Array("0,1,y\n1,2.5,0\n".utf8).flatMap { [$0, 0] },
          Array("\"a\"\"b\";\"b\nc\";label\r\n1;2.5;yes\r\n-3;4e1;no\r\n".utf8),
        ]
      },
      read: { _, path in
        _ = try Dataset(name: path, csv: path, options: DataOptions())
      }, long: { LongFile.tables($0) }),
  ]

  /// Gzip data of one member that stores the bytes as they are.
  private static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    let count = [UInt8(bytes.count & 0xFF), UInt8(bytes.count >> 8)]
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    let sum = (0..<4).map { UInt8(truncatingIfNeeded: ~crc >> UInt32(8 * $0)) }
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + count + count.map { ~$0 } + bytes + sum
      + count + [0, 0]
  }

  /// Checkpoints of networks, and the pickles within them.
  static let models = [
    Format(
      name: "pickle", seeds: { try $0.files("pickles", ".pkl") },
      read: { bytes, path in
        let pickle = try Pickle(
          bytes[...], name: path,
          allowing: PickleGlobal.containers.union(PickleGlobal.arrays))
        for entry in pickle.entries(of: pickle.root) ?? [] { _ = pickle.text(of: entry.key) }
      }, long: { LongFile.pickles($0) }),
    Format(
      name: "pytorch", seeds: { try $0.files("checkpoints", ".pt") },
      read: { bytes, path in
        _ = try StateDict(pyTorch: bytes, name: path)
        let checkpoint = try Checkpoint(pyTorch: bytes, name: path)
        _ = checkpoint.architectures()
        _ = try? checkpoint.fit(to: .perceptron)
      },
      long: { size in
        try (LongFile.pickles(size) + LongFile.checkpoints(size)).map {
          LongFile(
            $0.name,
            try ZipEncoder.encoded([("a/data.pkl", $0.bytes), ("a/data/0", [0, 0, 0, 0])]))
        }
      }),
    Format(
      name: "weights", seeds: { try $0.files("weights", ".pt") + $0.files("obstacles", ".pt") },
      read: { bytes, path in _ = try Checkpoint(pyTorch: bytes, name: path).architectures() }),
    Format(
      name: "shards", seeds: { try $0.files("weights", ".json") },
      read: { _, path in
        if case .weights(let checkpoint) = try TensorFile(path: path) {
          _ = checkpoint.architectures()
        }
      }, long: { LongFile.headers($0) }),
    Format(
      name: "file-kind",
      seeds: { fixtures in
        try ["weights", "programs", "safetensors", "numpy", "images"].flatMap {
          try fixtures.files($0)
        }
      },
      read: { _, path in _ = try ModelFormat(ofFile: path) }),
    Format(
      name: "safetensors", seeds: { try $0.files("checkpoints", ".safetensors") },
      read: { bytes, path in
        let file = try SafeTensorsFile(bytes: bytes, name: path)
        if InputDescription.isDescribed(by: file.metadata) {
          _ = try InputDescription(metadata: file.metadata, shape: [3, 32, 32])
        }
        _ = try? NetworkFile(bytes: bytes, name: path)
      }, long: { LongFile.headers($0) }),
  ]

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

/// The committed files that mutations begin with.
struct Fixtures: Sendable {
  /// `Tests/Fixtures`.
  let folder: String

  /// The bytes of the files in a folder that have one of some endings; all if none is given.
  func files(_ name: String, _ endings: String...) throws -> [[UInt8]] {
    let path = "\(folder)/\(name)"
    return try Folder.names(in: path)
      .filter { name in endings.isEmpty || endings.contains { name.hasSuffix($0) } }
      .map { try WholeFile.read("\(path)/\($0)") }
  }
}
