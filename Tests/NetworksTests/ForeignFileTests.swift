import Archives
import Foundation
import Networks
import TestSupport
import Testing

/// Files that other programs read are named as what they are, with the way to ONNX.
@Suite("Files of other kinds")
struct ForeignFileTests {
  private func words(_ path: String) throws -> String {
    let error = try #require(throws: NetworkError.self) { try ModelFormat(ofFile: path) }
    let line = error.description
    #expect(line.hasPrefix("\(path): is ") && !line.contains("\n"), "\(line)")
    #expect(!line.contains("FILE") && !line.contains("FOLDER"), "\(line)")
    return line
  }

  private static func message(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [field << 3 | 2, UInt8(bytes.count)] + bytes
  }

  static let binaries: [(String, [UInt8], String)] = [
    (
      "net.tflite", [0x1C, 0, 0, 0] + Array("TFL3".utf8) + [0, 0],
      "TensorFlow Lite; write it as ONNX"
    ),
    ("net.h5", [0x89] + Array("HDF\r\n\u{1A}\n".utf8), "an HDF5 file, as Keras writes it"),
    ("net.gguf", Array("GGUF".utf8) + [3, 0, 0, 0], "a GGUF file"),
    ("net.ort", [0x20, 0, 0, 0] + Array("ORTM".utf8) + [0], "in ONNX Runtime's own format"),
    ("net.engine", Array("ptrt".utf8) + [0, 0, 0, 0xED], "an engine of TensorRT"),
    ("net.params", [0x12, 1, 0, 0, 0, 0, 0, 0, 0], "parameters of MXNet"),
    (
      "saved_model.pb", [8, 1, 0x12, 4, 0x0A, 2, 0x2A, 0], "the graph of a SavedModel of TensorFlow"
    ),
    (
      "net.pb",
      message(1, message(1, Array("x".utf8)) + message(2, Array("Placeholder".utf8)) + [0]),
      "a frozen graph of TensorFlow"
    ),
    (
      "net.mlmodel", [8, 4, 0x12, 4, 0x0A, 2, 0x0A, 0, 0xA2, 0x1F, 0], "a model of Core ML"
    ),
    (
      "net.7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4],
      "a 7z archive, which may hold a network; unpack it"
    ),
    ("net.rar", Array("Rar!\u{1A}\u{7}".utf8) + [0], "a RAR archive"),
    (
      "net.tar", Array("a".utf8) + [UInt8](repeating: 0, count: 256) + Array("ustar".utf8) + [0],
      "a tar archive"
    ),
    ("net.joblib", [0x78, 0x9C, 0x63, 0x60, 0xFF], "compressed, as joblib writes it"),
    ("net.npy", [0x93] + Array("NUMPY".utf8) + [1, 0], "a single array of NumPy's"),
    (
      "model.ckpt.data-00000-of-00001", [0xFE, 0xED, 0xFA, 0xCE],
      "a part of a checkpoint of TensorFlow"
    ),
    ("none", [], "empty; expected a network"),
  ]

  @Test("by their first bytes", arguments: binaries)
  func bytes(name: String, bytes: [UInt8], expected: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    #expect(try words(folder.write(bytes, to: name)).contains(expected))
  }

  static let texts: [(String, String)] = [
    ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "`git lfs pull`"),
    ("../.git/annex/objects/aB/cD/SHA256-s9--00/x.onnx\n", "a pointer of git-annex"),
    ("<!DOCTYPE html><html><body>404</body></html>", "a page of HTML"),
    ("\n<html lang=\"en\">", "a page of HTML"),
    ("<?xml version=\"1.0\"?>\n<net name=\"a\" version=\"11\">", "a network of OpenVINO"),
    ("<?xml version=\"1.0\"?>\n<svg/>", "a text in XML; expected a network"),
    ("{\"a\": 1}", "a text in JSON; expected a network"),
    ("{\"modelTopology\": {}, \"weightsManifest\": []}", "a model of TensorFlow.js"),
    ("{\"irVersion\": \"10\", \"graph\": {}}", "onnx.load("),
    ("ir_version: 10\ngraph { node { op_type: \"Relu\" } }", "format='textproto'"),
    (
      "<ir_version: 10, opset_import: [\"\" : 17]>\ng (float[1] x) => (float[1] y) { y = Relu(x) }",
      "format='onnxtxt'"
    ),
    ("model_checkpoint_path: \"model.ckpt-7\"\n", "checkpoint of TensorFlow"),
    ("[net]\nbatch=1\n", "a network of Darknet"), ("7767517\n3 3\n", "a network of ncnn"),
    ("a note", "a text; expected a network"),
  ]

  @Test("by what texts begin with", arguments: texts)
  func text(text: String, expected: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let line = try words(folder.write(Array(text.utf8), to: "net.onnx"))
    #expect(line.contains(expected), "\(line)")
  }

  @Test(
    "by the names in an archive",
    arguments: [
      (["metadata.json", "config.json", "model.weights.h5"], "a model of Keras"),
      (
        ["net/archive_format", "net/models/model.json", "net/version"], "a program of torch.export"
      ),
      (["net/constants.pkl", "net/data.pkl", "net/code/a.py"], "a TorchScript program"),
      (["MAR-INF/MANIFEST.json", "net.pt"], "an archive of TorchServe"),
      (["run/net.onnx"], "a ZIP archive; unpack it; it holds run/net.onnx"),
      (["[Content_Types].xml", "word/document.xml"], "a document of an office program"),
    ])
  func archives(names: [String], expected: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let bytes = try ZipEncoder.encoded(names.map { (name: $0, bytes: [7]) })
    let line = try words(folder.write(bytes, to: "net.zip"))
    #expect(line.contains(expected), "\(line)")
  }

  @Test(
    "by the names in a folder",
    arguments: [
      (["saved_model.pb", "variables"], "a SavedModel of TensorFlow"),
      (["config.json", "model.safetensors"], "/net/model.safetensors, or write the model as ONNX"),
      (["config.json", "model.safetensors.index.json"], "/net/model.safetensors.index.json"),
      ([".metadata", "__0_0.distcp"], "a distributed checkpoint of PyTorch"),
      (["Data", "Manifest.json"], "a model of Core ML"),
      (["data", "data.pkl", "version"], "that was unpacked"),
      (["best.pth", "log.txt"], "a folder; give the file in it"),
      (["data.npz", "net.onnx"], "give the file in it: "),
      (["data.npz", "net.onnx"], "/net.onnx"),
      (["a.pt", "b.onnx", "x.npz"], "/net/a.pt, "),
    ])
  func folders(names: [String], expected: String) throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path + "/net"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    for name in names { _ = try folder.write([7], to: "net/\(name)") }
    let line = try words(path)
    #expect(line.contains(expected), "\(line)")
  }

  @Test("programs that PyTorch wrote, and a table of TensorFlow's tensors by its end")
  func written() throws {
    #expect(
      try words(Fixtures.path("programs/torchscript.pt")).contains("is a TorchScript program"))
    #expect(
      try words(Fixtures.path("programs/exported.pt2")).contains("is a program of torch.export"))
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let table = [UInt8](repeating: 0, count: 64) + [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
    #expect(
      try words(folder.write(table, to: "model.ckpt.index")).contains("checkpoint of TensorFlow"))
  }
}
