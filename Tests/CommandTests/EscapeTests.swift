import Archives
import Datasets
import Foundation
import Images
import Networks
import ONNXMessages
import SwiftProtobuf
import Tensors
import TestSupport
import Testing

/// Texts in files that would drive a terminal or turn the direction of what follows: no verb shows them as they are.
@Suite struct EscapeTests {
  /// What must not come out, but for the ends of lines that are Gibbon's.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A: false
    case 0...0x1F, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// A name with one mark of each kind, and a line that would be taken for Gibbon's own.
  private static func evil(_ name: String) -> String {
    "\(name)\u{1B}[31m\u{7}\u{8}\r\u{7F}\u{9B}2J\u{85}\u{61C}\u{200E}\u{200F}\u{2028}\u{2029}\u{202E}\u{2066}\u{2069}\nforged \(name)"
  }

  /// The same without what cannot be in a name of a file, or in a line.
  private static func evilLine(_ name: String) -> String {
    evil(name).replacing("\n", with: "").replacing("\r", with: "")
  }

  private static let made = Swift.Result { try make() }

  private static func make() throws -> Folder {
    let folder = try Folder()
    try folder.write(network().serializedBytes() as [UInt8], to: "evil.onnx")
    try folder.write(network(hasClasses: false).serializedBytes() as [UInt8], to: "plain.onnx")
    try folder.write(network(isOpen: true).serializedBytes() as [UInt8], to: "open.onnx")
    try folder.write(try network().serializedBytes() as [UInt8], to: evil("net.onnx"))
    try folder.write((evilLine("cat") + "\n" + evilLine("dog") + "\n").utf8, to: "labels.txt")
    let picture = Bitmap(
      width: 2, height: 2, channels: .grey, bytes: [0, 90, 180, 255])
    for path in [evil("photo") + ".png", "photo.png"] {
      try folder.write(try picture.png(), to: path)
    }
    for (number, name) in ["cat", "dog"].enumerated() {
      let path = "pictures/" + evil(name)
      try FileManager.default.createDirectory(
        atPath: folder / path, withIntermediateDirectories: true)
      let bytes: [UInt8] = number == 0 ? [0, 10, 20, 30] : [255, 200, 150, 90]
      for copy in 0..<3 {
        try folder.write(
          try Bitmap(width: 2, height: 2, channels: .grey, bytes: bytes).png(),
          to: "\(path)/\(evil("p\(copy)")).png")
      }
    }
    let names = (0..<4).map { "\"\(evil("column \($0)"))\"" }.joined(separator: ",")
    let rows = (0..<6).map { row in
      "0.\(row),0.2,0.\(9 - row),0.4,\"\(evil(row % 2 == 0 ? "cat" : "dog"))\""
    }
    try folder.write(([names + ",class"] + rows).joined(separator: "\n").utf8, to: "table.csv")
    try folder.write(
      try ZipEncoder.encoded([
        ("x\u{202E}\u{9B}\n.npy", NPYContents(Tensor([1, 2], shape: [2])).bytes)
      ]), to: "names.npz")
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(Tensor((0..<24).map { Float($0) / 24 }, shape: [6, 4])),
        "y": NPYContents([0, 1, 2, 3, 0, 1]),
      ]), to: "data.npz")
    return folder
  }

  /// A network whose names are all evil.
  private static func network(isOpen: Bool = false, hasClasses: Bool = true) -> Onnx_ModelProto {
    func value(_ name: String, _ extents: [Int64]) -> Onnx_ValueInfoProto {
      .with {
        $0.name = name
        $0.type.tensorType.elemType = 1
        $0.type.tensorType.shape.dim =
          [.with { $0.value = .dimParam("N") }]
          + extents.map { extent in
            .with { $0.value = extent > 0 ? .dimValue(extent) : .dimParam(evil("axis")) }
          }
      }
    }
    let classes = (0..<4).map { evilLine("class \($0)") }.joined(separator: "\n")
    return .with {
      $0.irVersion = 8
      $0.producerName = evil("producer")
      $0.docString = evil("words")
      $0.opsetImport = [.with { $0.version = 17 }]
      $0.metadataProps = [
        .with { ($0.key, $0.value) = (evil("key"), evil("value")) },
        .with { ($0.key, $0.value) = ("gibbon.architecture", evil("form")) },
      ]
      if hasClasses {
        $0.metadataProps.append(
          .with { ($0.key, $0.value) = ("gibbon.input/classes", classes) })
      }
      $0.graph.name = evil("graph")
      $0.graph.input = [value(evil("input"), isOpen ? [1, 0, 0] : [1, 2, 2])]
      $0.graph.output = [value(evil("scores"), [4]), value(evil("others"), [4])]
      $0.graph.initializer = [
        .with {
          ($0.name, $0.dataType, $0.dims) = (evil("weight"), 1, [4, 4])
          $0.floatData = (0..<16).map { $0 % 5 == 0 ? 4 : -0.5 }
        }
      ]
      $0.graph.node = [
        .with {
          ($0.name, $0.opType) = (evil("node"), "Flatten")
          ($0.input, $0.output) = ([evil("input")], ["flat"])
        },
        .with {
          ($0.opType, $0.input) = ("MatMul", ["flat", evil("weight")])
          $0.output = [evil("scores")]
        },
        .with {
          ($0.opType, $0.input) = ("Relu", [evil("scores")])
          $0.output = [evil("others")]
        },
      ]
    }
  }

  /// A run and the files that it writes.
  struct Case: Sendable, CustomTestStringConvertible {
    let words: [String]
    var status: Int32 = 0
    /// What is shown of the evil texts, so that the run is known to have met them.
    var shown: [String] = []

    var testDescription: String { words.joined(separator: " ").debugDescription }
  }

  static let threat = ["--threat", "linf:0.9", "--attack", "pgd", "--steps", "3"]
  static let photo = evil("photo") + ".png"
  static let scores = ["--output-name", evil("scores")]

  static let cases = [
    Case(
      words: ["info", "evil.onnx"] + scores, shown: ["weight", "key", "value", "form", "class 3"]),
    Case(words: ["info", "evil.onnx"], shown: ["scores"]),
    Case(words: ["info", "open.onnx"], shown: ["input", "axis"]),
    Case(words: ["info", evil("net.onnx")] + scores, shown: ["net.onnx"]),
    Case(words: ["info", "evil.onnx", "--labels", "labels.txt"], status: 2),
    Case(words: ["info", "evil.onnx", "--output-name", "none"], status: 2, shown: ["scores"]),
    Case(words: ["info", "plain.onnx", "--data", "images:pictures"] + scores, shown: ["weight"]),
    Case(
      words: ["classify", "evil.onnx", photo, "photo.png"] + scores, shown: ["photo", "class 0"]),
    Case(
      words: ["attack", "evil.onnx", photo, "--report", "page.html"] + scores + threat,
      shown: ["photo", "class 3"]),
    Case(
      words: ["attack", "plain.onnx", "--data", "images:pictures", "--report", "page.html"] + scores
        + threat),
    Case(
      words: ["attack", evil("net.onnx"), "--data", "npz:data.npz", "--report", "page.html"]
        + scores + threat, shown: ["net.onnx"]),
    Case(
      words: ["attack", "evil.onnx", "--data", "npz:names.npz"] + scores + threat, status: 2),
    Case(
      words: ["attack", "plain.onnx", "--data", "csv:table.csv", "--report", "page.html"] + scores
        + threat),
    Case(
      words: [
        "evaluate", "plain.onnx", "--data", "images:pictures", "--threat", "linf:0.9", "--report",
        "page.html",
      ] + scores, shown: ["cat"]),
    Case(
      words: [
        "evaluate", "evil.onnx", "--model2", evil("net.onnx"), "--data", "npz:data.npz", "--threat",
        "linf:0.9",
        "--no-checks",
      ] + scores, shown: ["net.onnx"]),
    Case(
      words: ["predict", "plain.onnx", "--data", "csv:table.csv", "--output", "out.npz"] + scores),
    Case(
      words: [
        "predict", "plain.onnx", "--data", "csv:table.csv", "--target-column", "none", "--output",
        "out.npz",
      ] + scores, status: 2, shown: ["column 0"]),
    Case(words: ["convert", "evil.onnx", "out.pt"] + scores, shown: ["form"]),
    Case(
      words: [
        "train", "mnist-mlp", "--data", "images:pictures", "--epochs", "1", "--output",
        "t.safetensors",
      ]),
  ]

  @Test(arguments: cases)
  func nothingIsShownAsItIs(run: Case) throws {
    let source = try EscapeTests.made.get()
    let folder = try Folder()
    for name in source.names {
      try FileManager.default.createSymbolicLink(
        atPath: folder / name, withDestinationPath: source / name)
    }
    let words =
      run.words
      + (run.words[0] == "convert" || run.words[0] == "train" ? [] : ["--json", "out.json"])
    let result = try Command(words, in: folder.path).result()
    #expect(result.status == run.status, "\(result.errors)")
    let all = result.output + result.errors
    for text in run.shown { #expect(all.contains(text + "\u{FFFD}[31m"), "\(all)") }
    for (place, text) in [
      ("output", result.output), ("errors", result.errors),
      ("page", folder.text("page.html") ?? ""), ("JSON", folder.text("out.json") ?? ""),
    ] {
      let marks = text.unicodeScalars.filter(EscapeTests.isMark)
      #expect(marks.isEmpty, "\(place): \(marks.map { String($0.value, radix: 16) })")
      let isForged = text.split(separator: "\n").contains { $0.hasPrefix("forged") }
      #expect(place == "page" || !isForged, "\(place): \(text)")
    }
  }

  @Test func whatAServerAnswersIsMadeHarmless() throws {
    let folder = try Folder()
    let evil = EscapeTests.evil("answer")
    let server = try Server(weights: Tensor([Float](repeating: 0.1, count: 8), shape: [2, 4])) {
      _ in
      .text(evil)
    }
    try folder.write(
      try NPYContents.npz([
        "x": NPYContents(Tensor((0..<8).map { Float($0) / 8 }, shape: [2, 4])),
        "y": NPYContents([0, 1]),
      ]), to: "data.npz")
    let result = try Command(
      [
        "attack", server.address, "--data", "npz:data.npz", "--threat", "linf:0.5", "--attack",
        "square",
      ],
      in: folder.path
    ).result()
    #expect(result.status == 2)
    #expect(result.errors.unicodeScalars.filter(EscapeTests.isMark).isEmpty, "\(result.errors)")
    #expect(result.errorLines.count == 2, "\(result.errors)")
  }
}
