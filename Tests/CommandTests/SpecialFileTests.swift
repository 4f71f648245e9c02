import Foundation
import Testing

/// Pipes and folders in the places of files: no run waits for them.
@Suite struct SpecialFileTests {
  /// A folder with a pipe under the names that files of several kinds have.
  private func folder() throws -> Folder {
    let folder = try Folder()
    for name in ["pipe", "pipe.npz", "pipe.onnx", "pipe.png", "pipe.safetensors", "pipe.json"] {
      try #require(mkfifo(folder / name, 0o600) == 0)
    }
    for name in ["pictures/0", "pictures/1"] {
      try FileManager.default.createDirectory(
        atPath: folder / name, withIntermediateDirectories: true)
      try #require(mkfifo(folder / (name + "/pipe.png"), 0o600) == 0)
    }
    return folder
  }

  @Test(arguments: [
    "info pipe", "info pipe.onnx", "info pipe.safetensors --architecture mnist-mlp",
    "info mnist-standard --labels pipe", "classify mnist-standard pipe.png",
    "attack mnist-standard pipe.png --threat linf:0.1",
    "attack mnist-standard --data npz:pipe.npz --threat linf:0.1",
    "attack mnist-standard --data npy:pipe,pipe --threat linf:0.1",
    "attack mnist-standard --data csv:pipe --threat linf:0.1",
    "attack mnist-standard --data idx:pipe,pipe --threat linf:0.1",
    "attack mnist-standard --data images:pictures --threat linf:0.1",
    "evaluate mnist-standard --count 1 --no-checks --threat linf:0.1 --resume pipe",
    "train mnist-mlp --count 10 --epochs 1 --output pipe.safetensors --resume",
  ])
  func noneIsRead(line: String) throws {
    let result = try Command.run(line: line, in: folder())
    #expect(result.status == 2, "\(result.errors)")
    #expect(result.errorLines.count == 2, "\(result.errors)")
    #expect(result.errors.contains("pipe"), "\(result.errors)")
  }

  @Test(arguments: [
    "predict mnist-standard --count 1 --output pipe.npz",
    "info mnist-standard --json pipe.json", "convert mnist-standard pipe.onnx",
    "train mnist-mlp --count 10 --epochs 1 --output pipe.safetensors",
  ])
  func noneIsWaitedForThatNobodyReads(line: String) throws {
    let result = try Command.run(line: line, in: folder())
    #expect(result.status == 2, "\(result.errors)")
    #expect(
      result.errors.contains("cannot write to a pipe that nobody reads"), "\(result.errors)")
  }

  @Test func apipeThatIsReadIsWritten() throws {
    let folder = try folder()
    let words = [
      "/bin/sh", "-c", "cat pipe.json > seen & \"$@\"; status=$?; wait; exit $status", "sh",
    ]
    let result = try Command(
      Array(words.dropFirst()) + [
        Command.executable, "info", "mnist-standard", "--json", "pipe.json",
      ],
      in: folder.path, executable: words[0]
    ).result()
    #expect(result.status == 0, "\(result.errors)")
    #expect(folder.text("seen")?.hasPrefix("{\n  \"verb\": \"info\"") == true)
  }

  @Test func aPipeInThePlaceOfMeasurementsIsLeftAlone() throws {
    let folder = try Folder()
    let environment = ProcessInfo.processInfo.environment.merging(
      ["XDG_CACHE_HOME": folder / "cache"]) { $1 }
    func run() throws -> Command.Result {
      try Command(
        "train mnist-madry --count 8 --epochs 1 --output net.safetensors".split(separator: " ")
          .map(String.init), in: folder.path, environment: environment
      ).result()
    }
    #expect(try run().status == 0)
    let caches = folder / "cache/gibbon"
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: caches).first)
    let path = "\(caches)/\(name)"
    try FileManager.default.removeItem(atPath: path)
    try #require(mkfifo(path, 0o600) == 0)
    let result = try run()
    #expect(result.status == 0, "\(result.errors)")
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }
}
