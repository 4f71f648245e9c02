#if os(Linux)
  import Foundation
  import Testing

  /// Processes that may have little memory or few open files: one line and status 2, or the result.
  @Suite struct LimitTests {
    private func run(_ limit: String, _ line: String) throws -> Command.Result {
      let words = ["-c", "ulimit \(limit); exec \"$@\"", "sh", Command.executable]
      let folder = try Folder()
      let command = try Command(
        words + line.split(separator: " ").map(String.init), in: folder.path,
        executable: "/bin/sh")
      return try withExtendedLifetime(folder) { try command.result() }
    }

    static let lines = [
      "attack mnist-standard --threat linf:0.1 --count 10",
      "attack mnist-robust --threat linf:0.3 --attack pgd --steps 3 --count 200",
      "evaluate mnist-standard --threat linf:0.1 --count 2 --no-checks",
      "train mnist-mlp --count 500 --epochs 1 --output t.safetensors",
      "predict mnist-standard --count 100 --output p.npz",
    ]

    @Test(arguments: lines, [250_000, 300_000, 350_000, 400_000, 450_000])
    func littleMemoryIsToldBeforehand(line: String, limit: Int) throws {
      let result = try run("-v \(limit)", line)
      guard result.status != 0 else { return }
      #expect(result.status == 2, "\(result.errors)")
      #expect(result.message.contains(" needs at least "), "\(result.errors)")
      #expect(result.message.hasSuffix(" are available"), "\(result.errors)")
    }

    @Test func tooLittleForThreadsIsTooLittle() throws {
      let result = try run("-v 250000", LimitTests.lines[0])
      #expect(result.status == 2)
      #expect(result.message.hasPrefix("gibbon: the work of "), "\(result.errors)")
    }

    @Test(arguments: lines, [5, 7, 9, 11, 16])
    func fewOpenFilesAreToldBeforehand(line: String, limit: Int) throws {
      let result = try run("-n \(limit)", line)
      guard result.status != 0 else { return }
      #expect(result.status == 2, "\(result.errors)")
      #expect(result.message.hasSuffix("the limit is \(limit) (ulimit -n)"), "\(result.errors)")
    }

    @Test func fiveOpenFilesAreTooFew() throws {
      #expect(try run("-n 5", LimitTests.lines[0]).status == 2)
      #expect(try run("-n 64", LimitTests.lines[0]).status == 0)
    }

    @Test func aFileThatDoesNotFitIsRefused() throws {
      let folder = try Folder()
      let path = folder / "large.onnx"
      _ = FileManager.default.createFile(atPath: path, contents: nil)
      try #require(truncate(path, 4 << 30) == 0)
      for name in ["large.onnx", "large.safetensors", "large.npy", "large.csv"] {
        try? FileManager.default.linkItem(atPath: path, toPath: folder / name)
      }
      for line in [
        "info large.onnx", "info large.safetensors",
        "attack mnist-standard --data csv:large.csv --threat linf:0.1",
      ] {
        let words = ["-c", "ulimit -v 1000000; exec \"$@\"", "sh", Command.executable]
        let result = try Command(
          words + line.split(separator: " ").map(String.init), in: folder.path,
          executable: "/bin/sh"
        ).result()
        #expect(result.status == 2, "\(line): \(result.errors)")
        #expect(result.errorLines.count == 2, "\(line): \(result.errors)")
      }
    }
  }
#endif
