import Foundation
import JSON
import Tensors
import TestSupport
import Testing

/// Nothing that was paid for is lost: full disks, closed streams, two runs at once, runs that are killed, damaged files.
@Suite struct ReliabilityTests {
  private static let evaluation =
    "evaluate mnist-robust --threat linf:0.3 --count 24 --no-checks --attacks noise,pgd --batch 8"

  private static func words(_ line: String) -> [String] {
    line.split(separator: " ").map(String.init)
  }

  private func examples(_ folder: Folder, _ name: String = "out.json") throws -> JSONValue {
    try #require(try JSONValue(parsing: folder.text(name) ?? "")["examples"])
  }

  /// Runs a line behind a line of the shell.
  private func run(_ shell: String, _ line: String, in folder: Folder) throws -> Command.Result {
    try Command(
      ["-c", shell, Command.executable] + Self.words(line), in: folder.path, executable: "/bin/sh"
    ).result()
  }

  // MARK: - Streams

  @Test(arguments: [">&- 2>&- <&-", ">&-", "2>&-", "<&-"])
  func closedStreams(_ closing: String) throws {
    let folder = try Folder()
    let result = try run(
      "exec \"$0\" \"$@\" \(closing)", Self.evaluation + " --json out.json --resume state",
      in: folder)
    #expect(result.status == 0)
    #expect(folder.names == ["out.json"])
    #expect(try examples(folder).arrayValue?.count == 24)
    let training = try run(
      "exec \"$0\" \"$@\" \(closing)",
      "train mnist-mlp --count 100 --epochs 2 --output net.safetensors", in: folder)
    #expect(training.status == 0)
  }

  @Test func anOutputThatNobodyReads() throws {
    let folder = try Folder()
    let result = try run(
      "\"$0\" \"$@\" | :; exit 0", Self.evaluation + " --json out.json", in: folder)
    #expect(result.status == 0 && result.errors.isEmpty)
    #expect(try examples(folder).arrayValue?.count == 24)
  }

  // MARK: - Full disks

  /// A limit on the size of files stands for a full disk: of 512 or 1,024 bytes each, a state of 24 changed digits needs more.
  @Test func aFullDiskIsToldOnceAndTakesNothing() throws {
    let folder = try Folder()
    let whole = try Command.run(line: Self.evaluation + " --json whole.json", in: folder)
    try #require(whole.status == 0, "\(whole.errors)")
    let result = try run(
      "ulimit -f 8; exec \"$0\" \"$@\"", Self.evaluation + " --json out.json", in: folder)
    #expect(result.status == 2)
    // But for the durations, it is what was printed before.
    #expect(result.output.contains("robust accuracy"))
    #expect(result.output.split(separator: "\n").count == whole.output.split(separator: "\n").count)
    let lines = result.errorLines
    #expect(lines.count { $0.contains("out.json.state: cannot write to it") } == 1, "\(lines)")
    #expect(
      result.errors.contains(
        #/gibbon: out\.json: cannot write the data: File too large; out\.json\.state holds what could be saved/#
      ), "\(result.errors)")
    #expect(folder.names == ["out.json.state", "whole.json"])
    // What fitted is not done again, and the rest is.
    let second = try Command.run(line: Self.evaluation + " --json out.json", in: folder)
    #expect(second.status == 0 && folder.names == ["out.json", "whole.json"])
    #expect(second.errors.contains(#/going on with [1-9][0-9]* of 24 examples/#))
    #expect(try examples(folder) == examples(folder, "whole.json"))
  }

  // MARK: - Two runs at once

  @Test func twoRunsWithOneOutput() throws {
    let folder = try Folder()
    let words = Self.words(
      "train mnist-mlp --output net.safetensors --count 1000 --epochs 2000 --batch 50")
    let first = try Command(words, in: folder.path)
    try first.wait {
      first.errorsSoFar.contains("epoch 1 of ") && folder.names.contains("net.safetensors")
    }
    let second = try Command(words, in: folder.path).result()
    #expect(second.status == 2)
    #expect(
      second.errors.wholeMatch(
        of:
          #/gibbon: net\.safetensors: another run \(process [0-9]+\) is working on this file; use another name, or wait for its end\n/#
      ) != nil, "\(second.errors)")
    // Killed, it leaves the lock's file, which locks nothing, and at times a file half written, which the next run
    // removes.
    first.kill()
    let left = folder.names.filter { !$0.hasPrefix(".tmp-gibbon-") }
    #expect(left == ["net.safetensors", "net.safetensors.lock"])
    let third = try Command(words + ["--resume"], in: folder.path)
    try third.wait { third.errorsSoFar.contains("epoch ") }
    third.interrupt()
    #expect(try third.result().status == 130)
    #expect(folder.names == ["net.safetensors"])
  }

  @Test func twoRunsWithOneState() throws {
    let folder = try Folder()
    let server = try Server(weights: .zeros([10, 784])) { $0 == 0 ? .answer : .busy(500) }
    defer { server.stop() }
    let words = [
      "evaluate", server.address, "--threat", "linf:0.3", "--count", "5", "--resume", "state",
      "--json",
    ]
    let first = try Command(words + ["one.json"], in: folder.path)
    try first.wait { server.requests > 1 }
    let second = try Command(words + ["two.json"], in: folder.path).result()
    #expect(second.status == 2 && second.message.hasPrefix("gibbon: state: another run (process "))
    first.send(SIGTERM)
    #expect(try first.result().status == 128 + SIGTERM)
  }

  // MARK: - Killed runs

  /// A state cut after any of its bytes is what a killed run leaves.
  @Test func aStateThatIsCutShortGoesOn() throws {
    let folder = try Folder()
    let whole = try Command.run(line: Self.evaluation + " --json whole.json", in: folder)
    try #require(whole.status == 0, "\(whole.errors)")
    let state = try self.state(in: folder)
    let title = try #require(state.firstIndex(of: 10))
    for length in [0, 5, title - 3, title + 1, title + 30, state.count * 2 / 3, state.count - 1] {
      try folder.write(state[..<length], to: "state")
      let result = try Command.run(
        line: Self.evaluation + " --json out.json --resume state", in: folder)
      #expect(result.status == 0, "\(length): \(result.errors)")
      #expect(!result.errors.contains("damaged") && folder.names == ["out.json", "whole.json"])
      #expect(try examples(folder) == examples(folder, "whole.json"), "\(length)")
    }
  }

  @Test func aDamagedStateLosesOneExample() throws {
    let folder = try Folder()
    let whole = try Command.run(line: Self.evaluation + " --json whole.json", in: folder)
    try #require(whole.status == 0, "\(whole.errors)")
    let state = try self.state(in: folder)
    let title = try #require(state.firstIndex(of: 10))
    for place in [title + 2, title + 40, (title + state.count) / 2, state.count - 1] {
      var bytes = state
      bytes[place] ^= 8
      try folder.write(bytes, to: "state")
      let result = try Command.run(
        line: Self.evaluation + " --json out.json --resume state", in: folder)
      #expect(result.status == 0)
      #expect(
        result.message.contains(
          "going on with 23 of 24 examples that state holds; 1 of its records is damaged and left out"
        ),
        "\(place): \(result.errors)")
      #expect(try examples(folder) == examples(folder, "whole.json"))
    }
    var bytes = state
    bytes[60] ^= 8
    try folder.write(bytes, to: "state")
    let refused = try Command.run(line: Self.evaluation + " --resume state", in: folder)
    #expect(refused.status == 2)
    #expect(
      refused.message.contains("state: the first line, which names the evaluation, is damaged"),
      "\(refused.errors)")
    #expect(try folder.bytes("state") == bytes)
  }

  /// The state of all examples, as a run keeps it that cannot write its result.
  private func state(in folder: Folder) throws -> [UInt8] {
    let result = try Command.run(
      line: Self.evaluation + " --json /dev/full --resume state", in: folder)
    try #require(result.status == 2, "\(result.errors)")
    let state = try folder.bytes("state")
    try FileManager.default.removeItem(atPath: folder / "state")
    return state
  }

  // MARK: - Secrets

  @Test func aPasswordIsKeptNowhere() throws {
    let folder = try Folder()
    var randomness = Philox(key: 3)
    let server = try Server(weights: randomness.normals([10, 784]))
    defer { server.stop() }
    let address = "http://user:SECRET@127.0.0.1:\(server.port)/predict?token=SECRET"
    let result = try Command.run(
      "attack", address, "--count", "2", "--threat", "linf:0.1", "--attack", "square", "--queries",
      "20", "--json", "out.json", "--report", "out.html", "--save", "out.npz", "--cache", "out.bin",
      in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(server.lastHead.contains("token=SECRET"))
    #expect(folder.names == ["out.bin", "out.html", "out.json", "out.npz"])
    let predicted = try Command.run(
      "predict", address, "--count", "2", "--output", "more.npz", "--json", "more.json", in: folder)
    try #require(predicted.status == 0, "\(predicted.errors)")
    let evaluated = try Command.run(
      "evaluate", address, "--count", "2", "--threat", "linf:0.1", "--attacks", "noise",
      "--query-limit", "9", "--json", "some.json", in: folder)
    #expect(evaluated.status == 2)
    for name in folder.names {
      let text = String(decoding: try folder.bytes(name), as: UTF8.self)
      #expect(!text.contains("SECRET"), "\(name)")
    }
    for line in [
      ["info", address], ["attack", address, "--threat", "linf:0.1"],
      ["attack", address, "--threat", "linf:0.1", "--exact", "--attack", "square"],
      ["predict", address, address, "--output", "more.npz"],
      ["attack", "--threat", "linf:0.1", "ftp://user:SECRET@host/"],
    ] {
      let refused = try Command(line, in: folder.path).result()
      #expect(refused.status == 2 && refused.output.isEmpty)
      #expect(!refused.errors.contains("SECRET"), "\(refused.errors)")
    }
    #expect(!(result.output + predicted.output + evaluated.errors).contains("SECRET"))
  }
}
