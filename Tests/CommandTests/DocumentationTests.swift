import Datasets
import Foundation
import Images
import Networks
import Tensors
import TestSupport
import Testing

/// The documents for users: what they tell to type runs, and their links lead somewhere.
@Suite("Documents for users") struct DocumentationTests {
  /// README and all guides, as paths in the package.
  static let documents: [String] = {
    let guides = try? FileManager.default.contentsOfDirectory(
      atPath: Fixtures.package + "/Documentation")
    return ["README.md"]
      + (guides ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "Documentation/" + $0 }
  }()

  /// What a fenced block may be marked with.
  static let marks: Set = ["sh", "console", "text", "swift", "python", "json", "yaml"]

  @Test("every command runs", arguments: documents)
  func commands(path: String) throws {
    let document = try Document(path)
    let commands = document.commands
    guard !commands.isEmpty else { return }
    var randomness = Philox(key: 7)
    let server = try Server(weights: randomness.normals([10, 784]))
    defer { server.stop() }
    let folder = try DocumentFiles.folder()
    for command in commands {
      let start = ContinuousClock.now
      let result = try run(
        command.text.replacing("127.0.0.1:8000", with: "127.0.0.1:\(server.port)"), in: folder)
      #expect(
        result.status == command.status,
        "\(path):\(command.line): \(command.text)\n\(result.errors)")
      print("\(path):\(command.line): \(ContinuousClock.now - start)")
    }
  }

  /// Runs a line of a shell that knows the built command.
  private func run(_ line: String, in folder: Folder) throws -> Command.Result {
    var environment = ProcessInfo.processInfo.environment
    let place = URL(filePath: Command.executable).deletingLastPathComponent().path
    environment["PATH"] = place + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    return try Command(
      ["-c", line], in: folder.path, executable: "/bin/sh", environment: environment
    ).result()
  }

  @Test("few commands are left out, and every block says what it is")
  func blocks() throws {
    var leftOut: [String] = []
    for path in Self.documents {
      let document = try Document(path)
      for block in document.blocks {
        #expect(Self.marks.contains(block.mark), "\(path):\(block.line): marked '\(block.mark)'")
        guard block.mark == "console" || block.mark == "text" else { continue }
        leftOut += block.lines.map { "\(path):\(block.line): \($0)" }
      }
      for command in document.commands {
        #expect(command.text.hasPrefix("gibbon"), "\(path):\(command.line): \(command.text)")
      }
      for (number, line) in document.prose {
        #expect(!line.hasPrefix("    gibbon "), "\(path):\(number): no block of commands")
      }
    }
    print("commands of documents that are not run:")
    for line in leftOut { print("  \(line)") }
    #expect(leftOut.count <= 4, "\(leftOut)")
  }

  @Test("README is short and fits a window")
  func readme() throws {
    let lines = try Document("README.md").lines
    #expect(lines.count <= 150)
    for (index, line) in lines.enumerated() {
      #expect(line.count <= 120, "README.md:\(index + 1)")
    }
  }

  @Test("programs of the library stand there as they are compiled", arguments: documents)
  func programs(path: String) throws {
    let document = try Document(path)
    for (number, line) in document.prose {
      guard let name = line.firstMatch(of: /^<!-- example: (\w+) -->$/)?.output.1 else { continue }
      let block = try #require(
        document.blocks.first { $0.line == number + 2 && $0.mark == "swift" }, "\(path):\(number)")
      let program = try String(
        contentsOfFile: Fixtures.package + "/Tests/Examples/\(name)/main.swift", encoding: .utf8)
      #expect(block.lines.joined(separator: "\n") + "\n" == program, "\(path):\(number)")
    }
  }

  @Test("every guide is in the index")
  func index() throws {
    let index = try Document("Documentation/README.md").links.map(\.target)
    for path in Self.documents.dropFirst() where path != "Documentation/README.md" {
      #expect(index.contains(String(path.dropFirst("Documentation/".count))), "\(path)")
    }
  }

  @Test("every link to a file leads to one", arguments: documents)
  func links(path: String) throws {
    let folder = URL(filePath: path).deletingLastPathComponent().relativePath
    for (line, target) in try Document(path).links where !target.contains("://") {
      let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let file =
        parts[0].isEmpty
        ? path : URL(filePath: Fixtures.package + "/\(folder)/\(parts[0])").standardized.path
      let place = file.hasPrefix("/") ? file : Fixtures.package + "/" + file
      guard FileManager.default.fileExists(atPath: place) else {
        Issue.record("\(path):\(line): there is no \(target)")
        continue
      }
      guard parts.count > 1 else { continue }
      let headings = try Document(text: String(contentsOfFile: place, encoding: .utf8)).headings
      #expect(headings.contains(String(parts[1])), "\(path):\(line): no heading \(target)")
    }
  }
}

/// A Markdown file, as far as the tests read it.
private struct Document {
  /// A fenced block.
  struct Block {
    /// The word behind the fence.
    let mark: String
    /// The number of its first line.
    let line: Int
    var lines: [String] = []
  }

  /// A line for a shell.
  struct Command {
    let text: String
    let line: Int
    /// The status that it is to end with.
    let status: Int32
  }

  let lines: [String]
  /// The fenced blocks, in turn.
  private(set) var blocks: [Block] = []
  /// The numbered lines outside of them.
  private(set) var prose: [(Int, String)] = []

  /// Reads a file of the package.
  init(_ path: String) throws {
    try self.init(text: String(contentsOfFile: Fixtures.package + "/" + path, encoding: .utf8))
  }

  init(text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map(String.init)
    var open: Block?
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          open = Block(mark: String(line.dropFirst(3)), line: index + 2)
        }
      } else if open != nil {
        open?.lines.append(line)
      } else {
        prose.append((index + 1, line))
      }
    }
    // A fence that nobody closes is a block of its own kind.
    if let open { blocks.append(Block(mark: "\(open.mark) without an end", line: open.line)) }
  }

  /// The commands of the blocks marked `sh`, with continued lines put together.
  var commands: [Command] {
    blocks.filter { $0.mark == "sh" }.flatMap { block in
      var commands: [Command] = []
      var pending = ""
      for (offset, line) in block.lines.enumerated() where !line.isEmpty {
        guard !line.hasSuffix("\\") else {
          pending += line.dropLast()
          continue
        }
        let parts = (pending + line).split(separator: "# exits with ")
        pending = ""
        commands.append(
          Command(
            text: String(parts[0]), line: block.line + offset,
            status: parts.count > 1 ? Int32(parts[1]) ?? -1 : 0))
      }
      return commands
    }
  }

  /// What links lead to, with the numbers of their lines.
  var links: [(line: Int, target: String)] {
    prose.flatMap { number, line in
      line.matches(of: /\]\(([^)\s]+)\)/).map { (number, String($0.output.1)) }
    }
  }

  /// What headings are called in addresses.
  var headings: Set<String> {
    Set(
      prose.filter { $0.1.hasPrefix("#") }.map { _, line in
        line.drop { $0 == "#" }.trimmingPrefix(" ").lowercased()
          .filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
          .replacing(" ", with: "-")
      })
  }
}

/// The files that commands in documents are about, each small.
private enum DocumentFiles {
  /// A new folder with all of them.
  static func folder() throws -> Folder {
    let folder = try Folder()
    let files = try made.get()
    for name in files.names {
      try FileManager.default.copyItem(atPath: files / name, toPath: folder / name)
    }
    return folder
  }

  /// They are made once.
  private static let made = Result {
    let folder = try Folder()
    try writeDigits(to: folder)
    try writeCIFAR(to: folder)
    try writePhotographs(to: folder)
    try writeTables(to: folder)
    try writeModel(to: folder)
    try writeGames(to: folder)
    return folder
  }

  /// A network of digits, and the same twenty digits as NumPy's arrays and as IDX files.
  private static func writeDigits(to folder: Folder) throws {
    let made = try Command.run(line: "convert mnist-standard network.onnx", in: folder)
    guard made.status == 0 else { throw Command.Failure(description: made.errors) }
    let digits = try MNIST.load(.test).subset(offset: 0, count: 20)
    let images = try (0..<20).map { try digits.image(at: $0) }
    let x = NPYContents(Tensor(images.flatMap(\.scalars), shape: [20, 1, 28, 28]))
    let y = NPYContents((0..<20).map { digits.label(at: $0) })
    try folder.write(try NPYContents.npz(["x": x, "y": y]), to: "data.npz")
    try folder.write(x.bytes, to: "x.npy")
    try folder.write(y.bytes, to: "y.npy")
    let levels = images.flatMap { $0.scalars.map { UInt8(($0 * 255).rounded()) } }
    let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 28, 0, 0, 0, 28]
    try folder.write(storedGzip(header + levels), to: "images.idx.gz")
    let labels = (0..<20).map { UInt8(digits.label(at: $0)) }
    try folder.write([0, 0, 8, 1, 0, 0, 0, 20] + labels, to: "labels.idx")
  }

  /// A checkpoint of an architecture, and a batch of CIFAR, both random.
  private static func writeCIFAR(to folder: Folder) throws {
    var file = SafeTensorsFile(name: "net")
    file.tensors = try Architecture.named("resnet20").network(seed: 1).parameters
    try folder.write(file.encoded(), to: "net.safetensors")
    let made = try Command.run(
      line: "convert net.safetensors net.pt --architecture resnet20", in: folder)
    guard made.status == 0 else { throw Command.Failure(description: made.errors) }
    try FileManager.default.moveItem(atPath: folder / "net.pt", toPath: folder / "resnet20.th")
    try FileManager.default.removeItem(atPath: folder / "net.safetensors")
    try FileManager.default.createDirectory(
      atPath: folder / "cifar10", withIntermediateDirectories: false)
    var generator = SeededGenerator(3)
    let batch = (0..<20).flatMap { record in
      [UInt8(record % 10)] + (0..<3072).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    try folder.write(batch, to: "cifar10/test_batch.bin")
  }

  /// A network of small photographs, one of these, and two folders of them.
  private static func writePhotographs(to folder: Folder) throws {
    let network = try Network("photos", input: InputDescription(shape: [3, 32, 32]), seed: 1) {
      Convolve(8, kernel: 4, stride: 4)
      ReLU()
      Flatten()
      Linear(10)
    }
    try network.writeONNX(to: folder / "photos.onnx")
    try folder.write((0..<10).map { "animal \($0)\n" }.joined().utf8, to: "names.txt")
    for name in ["panda.png", "pictures/cat/1.png", "pictures/cat/2.png", "pictures/dog/1.png"] {
      let path = URL(filePath: folder / name)
      try FileManager.default.createDirectory(
        at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      var randomness = Philox(key: UInt64(name.utf8.count))
      let planes: Tensor<Float> = randomness.uniforms([3, 36, 40])
      let picture = Bitmap(width: 40, height: 36, channels: .rgb, planes: planes.scalars)
      try folder.write(picture.png(), to: name)
    }
  }

  /// Tables of a class and of a number, with a linear network for each.
  private static func writeTables(to folder: Folder) throws {
    for (name, target, outputs) in [("table", "target", 2), ("prices", "price", 1)] {
      let network = try Network(name, input: InputDescription(shape: [3]), seed: 2) {
        Linear(outputs)
      }
      try network.writeONNX(to: folder / "\(name).onnx")
      var lines = ["share,income,member,\(target)"]
      for row in 0..<12 {
        let share = Double(row) / 12
        lines.append(
          outputs == 2
            ? "\(share),\(100 + 37 * (row * 5 % 12)),\(row % 2),\(row / 6)"
            : "\(share),\(Double(row * 5 % 12) / 12),\(row % 2),\(0.5 + share)")
      }
      try folder.write((lines.joined(separator: "\n") + "\n").utf8, to: "\(name).csv")
    }
  }

  /// Payoffs of two players, and people with a label and what changes cost them.
  private static func writeGames(to folder: Folder) throws {
    try folder.write(",left,right\nup,3,-1\ndown,-2,4\n".utf8, to: "payoffs.csv")
    try folder.write("1,2\n2,0\n".utf8, to: "second.csv")
    var generator = SeededGenerator(9)
    func draw(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
    var lines = ["income,cards,loans,job,default"]
    var numbers = ["income,cards,loans,default"]
    for _ in 0..<300 {
      let (income, cards, loans) = (draw(10...60), draw(0...9), draw(0...4))
      let job = ["employed", "none"][draw(0...1)]
      let isBad = income + draw(-15...15) < 30 + 2 * cards + (job == "none" ? 5 : 0)
      lines.append("\(income),\(cards),\(loans),\(job),\(isBad ? "yes" : "no")")
      numbers.append("\(income),\(cards),\(loans),\(isBad ? 1 : 0)")
    }
    try folder.write((lines.joined(separator: "\n") + "\n").utf8, to: "people.csv")
    try folder.write((numbers.joined(separator: "\n") + "\n").utf8, to: "borrowers.csv")
    try folder.write(
      "feature,price,change\nincome,0.5,up\ncards,1,any\njob,1.5,any\n".utf8, to: "costs.csv")
  }

  /// A program that answers each line with a row of scores for each picture: it takes all for 3, which the first five are
  /// not, so that nothing is left to be attacked.
  private static func writeModel(to folder: Folder) throws {
    let script = """
      #!/bin/sh
      while read -r line; do
        rows=
        for example in $(printf '%s\\n' "$line" | grep -o ']]]'); do
          rows="$rows${rows:+, }[0, 1, 2, 9, 4, 5, 6, 3, 7, 8]"
        done
        echo "{\\"outputs\\": [$rows]}"
      done

      """
    try folder.write(script.utf8, to: "my-model")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: folder / "my-model")
  }
}
