import Foundation
import JSON
import Networks
import TestSupport
import Testing

#if os(Linux)
  /// Runs that are killed before one of their writes, or in the midst of it, go on as if nothing had been.
  @Suite struct KilledRunTests {
    /// The library that kills, if there is a compiler.
    private static let killer: (folder: Folder, path: String)? = {
      guard let folder = try? Folder() else { return nil }
      let compiler = Process()
      compiler.executableURL = URL(filePath: "/usr/bin/env")
      compiler.arguments = [
        "cc", "-shared", "-fPIC", "-o", folder / "killer.so",
        Fixtures.path("programs/killer.c"),
      ]
      guard (try? compiler.run()) != nil else { return nil }
      compiler.waitUntilExit()
      return compiler.terminationStatus == 0 ? (folder, folder / "killer.so") : nil
    }()

    /// Runs words until they write for the n-th time; half of that write is done.
    private func kill(_ words: [String], at number: Int, in folder: Folder) throws {
      let killer = try #require(Self.killer)
      let variables = [
        "LD_PRELOAD": killer.path, "KILL_FOLDER": folder.path, "KILL_AT": String(number),
        "KILL_TORN": "50",
      ]
      let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
      let command = try Command(words, in: folder.path, environment: environment)
      let failure = #expect(throws: Command.Failure.self) { try command.result() }
      #expect(failure?.description.hasPrefix("ended by signal 9") == true, "\(words) at \(number)")
    }

    private func finish(_ words: [String], in folder: Folder) throws {
      let result = try Command(words, in: folder.path).result()
      #expect(result.status == 0, "\(result.errors)")
      #expect(!folder.names.contains { $0.hasPrefix(".tmp") || $0.hasSuffix(".lock") })
    }

    private func examples(_ folder: Folder) throws -> JSONValue {
      try #require(try JSONValue(parsing: folder.text("out.json") ?? "")["examples"])
    }

    // The lock, the title, eight verdicts, and the result.
    @Test(.enabled(if: killer != nil, "needs a C compiler"))
    func anEvaluation() throws {
      let words =
        "evaluate mnist-robust --threat linf:0.3 --count 8 --no-checks --attacks noise --json out.json"
        .split(separator: " ").map(String.init)
      let whole = try Folder()
      try finish(words, in: whole)
      for number in [1, 2, 3, 5, 8, 11, 12, 13, 14] {
        let folder = try Folder()
        try kill(words, at: number, in: folder)
        try finish(words, in: folder)
        #expect(try examples(folder) == examples(whole), "at \(number)")
        #expect(folder.names == ["out.json"])
      }
    }

    @Test(.enabled(if: killer != nil, "needs a C compiler"))
    func aTraining() throws {
      let words =
        "train mnist-mlp --count 60 --batch 20 --epochs 3 --output net.safetensors"
        .split(separator: " ").map(String.init)
      let whole = try Folder()
      try finish(words, in: whole)
      let expected = try NetworkFile(path: whole / "net.safetensors")
      for number in [1, 2, 3, 4, 5, 6, 8, 10, 11] {
        let folder = try Folder()
        try kill(words, at: number, in: folder)
        let isBegun = folder.names.contains("net.safetensors")
        // A lock, and three calls for each epoch.
        #expect(isBegun == (number > 5), "at \(number): \(folder.names)")
        try finish(words + (isBegun ? ["--resume"] : []), in: folder)
        let end = try NetworkFile(path: folder / "net.safetensors")
        #expect(end.network.parameters == expected.network.parameters, "at \(number)")
        #expect(end.history["metrics"] == expected.history["metrics"])
      }
    }

    @Test(.enabled(if: killer != nil, "needs a C compiler"))
    func answersOfAModelElsewhere() throws {
      let server = try Server(weights: RemoteTests.weights)
      defer { server.stop() }
      let words =
        ["attack", server.address] + RemoteTests.data + RemoteTests.square
        + ["--batch", "3", "--cache", "answers.bin", "--json", "out.json"]
      let whole = try RemoteTests.folder()
      try finish(words, in: whole)
      let once = server.inputs
      for number in [1, 2, 3, 7, 20, 45] {
        let folder = try RemoteTests.folder()
        let before = server.inputs
        try kill(words, at: number, in: folder)
        try finish(words, in: folder)
        // Of the question under way at most.
        #expect(server.inputs - before <= once + 3, "at \(number)")
        #expect(try examples(folder) == examples(whole), "at \(number)")
      }
    }
  }
#endif
