import Foundation
import Testing

/// Where results go: never over what is read or kept, and never found out too late.
@Suite struct OutputPlaceTests {
  private func folder() throws -> Folder {
    let folder = try Folder()
    #expect(
      try Command.run(line: "convert mnist-standard net.safetensors", in: folder).status == 0)
    try FileManager.default.createSymbolicLink(
      atPath: folder / "link.json", withDestinationPath: "net.safetensors")
    try FileManager.default.createSymbolicLink(
      atPath: folder / "lost.json", withDestinationPath: "nowhere.json")
    try folder.write("0\n1\n".utf8, to: "names")
    return folder
  }

  @Test(arguments: [
    ("attack net.safetensors --save net.safetensors", "is read as MODEL"),
    ("attack net.safetensors --save ./net.safetensors", "is read as MODEL"),
    ("attack net.safetensors --json link.json", "is read as MODEL"),
    ("attack mnist-standard --json one --report ./one", "both write ./one"),
    ("attack mnist-standard --labels names --json names", "is read as --labels"),
    ("attack program:cat --cache names --json names", "is read as --cache"),
    ("attack mnist-standard --json lost.json", "cannot follow the symbolic link"),
    ("attack mnist-standard --json " + String(repeating: "n", count: 300), "File name too long"),
  ])
  func isRefusedAtOnce(words: String, message: String) throws {
    let folder = try folder()
    let before = folder.contents
    let result = try Command.run(
      line: words + " --threat linf:0.1 --attack fgsm --count 2", in: folder)
    #expect(result.status == 2 && result.output.isEmpty, "\(words): \(result.output)")
    #expect(result.message.contains(message), "\(words): \(result.message)")
    #expect(folder.contents == before)
  }

  @Test(arguments: [
    ("train mnist-mlp --data npz:data.npz --output data.npz", "is read as --data"),
    ("predict mnist-mlp.safetensors --data npz:data.npz --output data.npz", "is read as --data"),
    ("train mnist-mlp --data npz:data.npz --output lost.json.onnx", "follow the symbolic link"),
  ])
  func dataAreNotWrittenOver(words: String, message: String) throws {
    let folder = try Folder()
    try folder.write([1, 2, 3], to: "data.npz")
    try FileManager.default.createSymbolicLink(
      atPath: folder / "lost.json.onnx", withDestinationPath: "nowhere.onnx")
    let result = try Command.run(line: words, in: folder)
    #expect(result.status == 2 && result.message.contains(message), "\(result.message)")
    #expect(try folder.bytes("data.npz") == [1, 2, 3])
  }

  @Test func moreThreadsThanThereCanBe() throws {
    let folder = try Folder()
    let result = try Command(
      ["-c", "OMP_NUM_THREADS=1000000 exec \"$0\" \"$@\"", Command.executable]
        + ["attack", "mnist-standard", "--threat", "linf:0.1", "--attack", "fgsm", "--count", "1"],
      in: folder.path, executable: "/bin/sh"
    ).result()
    #expect(result.status == 2)
    #expect(result.message == "gibbon: OMP_NUM_THREADS is 1000000; expected 1 to 1024")
  }
}
