import Foundation
import Testing

/// The command works when it is moved alone.
@Suite struct StandaloneTests {
  @Test func aCopyElsewhereDoesEverything() throws {
    let home = try Folder()
    let copy = home / "gibbon"
    try FileManager.default.copyItem(atPath: Command.executable, toPath: copy)
    // Where the system's own libraries are found, and nothing else.
    var environment = ["PATH": "/usr/bin:/bin", "HOME": home.path]
    for (name, value) in ProcessInfo.processInfo.environment where name.hasSuffix("LIBRARY_PATH") {
      environment[name] = value
    }
    let folder = try Folder()
    func run(_ line: String) throws -> Command.Result {
      try Command(
        line.split(separator: " ").map(String.init), in: folder.path, executable: copy,
        environment: environment
      ).result()
    }
    let info = try run("info")
    #expect(info.status == 0)
    #expect(info.output.contains("mnist-small") && info.errors.isEmpty)
    let train = try run(
      "train mnist-mlp --output net.safetensors --count 200 --epochs 1 --validation mnist:test")
    #expect(train.status == 0)
    #expect(train.errors.contains("validation "))
    let attack = try run(
      "attack net.safetensors --threat linf:0.1 --attack fgsm --count 10 --json out.json")
    #expect(attack.status == 0)
    #expect(folder.names == ["net.safetensors", "out.json"])
    #expect(home.names == ["gibbon"])
  }
}
