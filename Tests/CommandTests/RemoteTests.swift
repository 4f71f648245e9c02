import Datasets
import Foundation
import JSON
import Reports
import Tensors
import TestSupport
import Testing

/// Remote models: a real server on loopback, attacked by the command.
@Suite struct RemoteTests {
  static let shape: Shape = [1, 3, 4]
  static let weights: Tensor<Float> = {
    var randomness = Philox(key: 5)
    return randomness.normals([4, 12])
  }()
  static let count = 12

  /// A folder with examples that the server's model reads rightly.
  static func folder() throws -> Folder {
    var randomness = Philox(key: 6)
    let x = randomness.uniforms(shape.prepending(count))
    let labels = (0..<count).map { example in
      let scores = (0..<4).map { row in
        (0..<12).reduce(Float(0)) { $0 + weights[row * 12 + $1] * x[example * 12 + $1] }
      }
      return scores.firstIndex(of: scores.max() ?? 0) ?? 0
    }
    let folder = try Folder()
    try folder.write(
      try NPYContents.npz(["x": NPYContents(x), "y": NPYContents(labels)]), to: "data.npz")
    return folder
  }

  static let data = ["--data", "npz:data.npz"]
  static let square = ["--threat", "linf:0.1", "--attack", "square", "--queries", "60"]

  func run(
    _ verb: String, _ server: Server, _ words: [String], in folder: Folder
  ) throws -> Command.Result {
    try Command([verb, server.address] + Self.data + words, in: folder.path).result()
  }

  func json(_ folder: Folder) throws -> JSONValue {
    try JSONValue(parsing: #require(folder.text("out.json")))
  }

  // MARK: - Success

  @Test func anAttack() throws {
    let folder = try Self.folder()
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    let result = try run(
      "attack", server,
      Self.square + [
        "--json", "out.json", "--report", "out.html", "--save", "out.npz", "--header",
        "X-Key: secret word", "--timeout", "60", "--per-second", "100000",
      ], in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(result.errors.isEmpty)
    #expect(folder.names == ["data.npz", "out.html", "out.json", "out.npz"])
    let json = try json(folder)
    #expect(json["model"]?.stringValue == server.address)
    #expect(json["engine"] == .null && json["warnings"] == .null)
    #expect(json["clean_accuracy"]?.doubleValue == 1)
    let robust = try #require(json["robust_accuracy"]?.doubleValue)
    #expect(robust > 0 && robust < 1)
    #expect(json["backward_evaluations"]?.intValue == 0)
    let page = try #require(folder.text("out.html"))
    #expect(page.contains("data:image/png") && page.contains("reveals scores"))
    #expect(page.contains("the model itself gave the answer"))
    // What is told the endpoint is not told the readers of the report.
    #expect(server.lastHead.contains("X-Key: secret word"))
    #expect(page.contains("X-Key: ...") && !page.contains("secret"))
    // The pictures asked about nothing new.
    #expect(json["inputs_asked"]?.intValue == server.inputs)
    #expect(result.output.contains("the model about \(Format.count(server.inputs)) inputs"))
  }

  @Test func anEvaluation() throws {
    let folder = try Self.folder()
    let server = try Server(weights: Self.weights)
    defer { server.stop() }
    let result = try run(
      "evaluate", server,
      ["--threat", "linf:0.3", "--json", "out.json", "--report", "out.html"], in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(result.errors.isEmpty && folder.names == ["data.npz", "out.html", "out.json"])
    #expect(
      result.output.contains(
        "note: the model reveals no gradients, so that of the standard attacks there is square alone"
      ))
    let json = try json(folder)
    #expect(json["attacks"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["square"])
    let checks = try #require(json["checks"]?.arrayValue)
    let computed = checks.filter { $0["status"] != "unknown" }.compactMap {
      $0["kind"]?.stringValue
    }
    #expect(checks.count == 10 && computed == ["unbounded-fails", "noise-succeeds"])
    #expect(checks.allSatisfy { $0["status"] != "suspicious" }, "\(result.output)")
    #expect(folder.text("out.html")?.contains("not computed") == true)
  }

  @Test func labels() throws {
    let folder = try Self.folder()
    let server = try Server(weights: Self.weights, labels: true)
    defer { server.stop() }
    let result = try run(
      "attack", server,
      [
        "--threat", "l2:0.3", "--attack", "hop-skip-jump", "--queries", "200", "--classes", "4",
        "--count", "4", "--json", "out.json", "--report", "out.html",
      ], in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let examples = try #require(try json(folder)["examples"]?.arrayValue)
    #expect(examples.allSatisfy { $0["nearest"]?.doubleValue != nil })
    #expect(examples.allSatisfy { $0["rounding"]?["check"]?.stringValue == "not verified" })
    #expect(folder.text("out.html")?.contains("how sure") == false)
    let whole = try run(
      "evaluate", server,
      ["--threat", "linf:0.9", "--classes", "4", "--count", "4", "--json", "out.json"], in: folder)
    try #require(whole.status == 0, "\(whole.errors)")
    #expect(
      whole.output.contains(
        "labels alone, so that rays takes the place of the standard attacks"))
    #expect(try json(folder)["robust_accuracy"]?.doubleValue == 0)
    #expect(
      try json(folder)["checks"]?.arrayValue?.allSatisfy { $0["status"] == "unknown" } == true)
  }

  @Test func aProgram() throws {
    let folder = try Self.folder()
    let script = "program:while read line; do echo '{\"outputs\": [[1, 2, 3, 4]]}'; done"
    let result = try Command.run(
      "attack", script, "--data", "npz:data.npz", "--threat", "linf:0.1", "--attack", "noise",
      "--samples", "5", "--batch", "1", "--json", "out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(try json(folder)["model"]?.stringValue == script)
    let predicted = try Command.run(
      "predict", script, "--data", "npz:data.npz", "--batch", "1", "--output", "out.npz",
      in: folder)
    #expect(predicted.output.hasPrefix("out.npz: 12 rows of 4 outputs"))
  }

  @Test func aTransfer() throws {
    let folder = try Folder()
    var randomness = Philox(key: 7)
    let server = try Server(weights: randomness.normals([10, 784]))
    defer { server.stop() }
    let result = try Command.run(
      "attack", server.address, "--surrogate", Trained.network.path, "--attack", "fgsm",
      "--threat", "linf:0.1", "--count", "30", "--json", "out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    // The model is asked about the examples, and about what the surrogate was fooled by.
    #expect(server.inputs > 30 && server.inputs <= 60)
    #expect(try #require(json(folder)["backward_evaluations"]?.intValue) > 0)
  }
}
