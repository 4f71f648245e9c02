import Foundation
import Testing

/// What cannot be written is not written in part, and what was there before stays.
@Suite struct KeptFilesTests {
  #if os(Linux)
    @Test func aFullStandardOutput() throws {
      let folder = try Folder()
      let result = try Command(["info"], in: folder.path, output: "/dev/full").result()
      #expect(result.status == 2)
      #expect(
        result.errors
          == "gibbon: standard output: cannot write the result: No space left on device\n")
    }
  #endif

  @Test(.enabled(if: getuid() != 0, "the superuser may write everywhere"))
  func whatIsProtectedStaysAsItIs() throws {
    let folder = try Folder()
    let network = try Trained.network.path
    try folder.write("mine".utf8, to: "kept")
    try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: folder / "kept")
    let file = try Command.run("info", network, "--json", "kept", in: folder)
    #expect(file.status == 2 && file.errors == "gibbon: kept: cannot write it: Permission denied\n")
    #expect(folder.text("kept") == "mine")
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
    let other = try Command.run("info", network, "--json", "new", in: folder)
    #expect(
      other.status == 2 && other.errors == "gibbon: new: cannot write it: Permission denied\n")
    #expect(folder.names == ["kept"])
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
  }

  /// A file that was there before is replaced by a whole one or not at all.
  @Test func whatWasThereStaysThere() throws {
    let folder = try Folder()
    try folder.write("mine".utf8, to: "net.safetensors")
    try folder.write("mine too".utf8, to: "out.json")
    for line in [
      "attack net.safetensors --threat linf:0.3 --json out.json",
      "train mnist-mlp --output net.safetensors --json out.json --resume",
      "train mnist-mlp --output net.safetensors --json out.json --rate 1e30 --schedule constant "
        + "--count 100 --batch 10 --optimizer sgd",
    ] {
      let result = try Command.run(line: line, in: folder)
      #expect(result.status == 2 && result.output.isEmpty && result.errorLines.count == 2)
      #expect(folder.names == ["net.safetensors", "out.json"])
      #expect(folder.text("net.safetensors") == "mine" && folder.text("out.json") == "mine too")
    }
  }
}
