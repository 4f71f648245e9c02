import Foundation
import Networks
import Tensors
import TestSupport
import Testing

/// What files seem to be by their content.
@Suite struct FileKindTests {
  private func kind(_ bytes: [UInt8]) -> FileKind {
    FileKind(start: Array(bytes.prefix(FileKind.prefixCount)), count: bytes.count)
  }

  private func network() throws -> Network {
    try Network("plain", input: InputDescription(shape: [1, 4, 4]), seed: 1) {
      Flatten()
      Linear(3)
    }
  }

  @Test func recognisesNetworks() throws {
    #expect(try kind(network().encodedForONNX()) == .onnx)
    #expect(kind(SafeTensorsFile(name: "a").encoded()) == .safeTensors)
    let state = StateDict(name: "a", tensors: ["w": .zeros([2])])
    #expect(try kind(state.encodedForPyTorch()) == .zip)
    #expect(try kind(Fixtures.bytes("checkpoints/old.pt")) == .pickle)
    #expect(try kind(Fixtures.bytes("numpy/stored.npz")) == .numPyArchive)
    for path in try Fixtures.paths(in: "networks") {
      #expect(try FileKind(ofFile: path) == .safeTensors)
    }
  }

  @Test func recognisesWhatIsNoNetwork() throws {
    #expect(try kind(Fixtures.bytes("images/colour.png")) == .png)
    #expect(try kind(Fixtures.bytes("images/colour.jpg")) == .jpeg)
    #expect(try kind(Fixtures.bytes("numpy/f4-big-C-1.npy")) == .numPyArray)
    #expect(kind([0, 0, 8, 1, 0, 0, 0, 2, 5, 5]) == .idx)
    #expect(kind([]) == .empty)
    #expect(kind(Array("notes\n".utf8)) == .text)
    #expect(kind(Array(repeating: "Übung ", count: 2000).joined().utf8.map { $0 }) == .text)
    #expect(
      kind([0x89] + Array("HDF\r\n\u{1A}\n".utf8)).words == "an HDF5 file, as Keras writes it")
    #expect(kind([0xFE, 0xED, 0xFA, 0xCE]) == .unknown)
    #expect(kind([8, 8, 0x3A]) == .unknown)
  }

  @Test("every cut of an ONNX file is ONNX or unknown, and nothing else")
  func cuts() throws {
    let bytes = try network().encodedForONNX()
    for count in 1..<bytes.count {
      #expect([.onnx, .unknown, .text].contains(kind(Array(bytes[..<count]))), "\(count)")
    }
  }

  @Test("a file's content decides, and then its name")
  func formats() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let onnx = try network().encodedForONNX()
    for name in ["net", "net.pt", "net.safetensors"] {
      #expect(try ModelFormat(ofFile: folder.write(onnx, to: name)) == .onnx)
    }
    #expect(try ModelFormat(ofFile: folder.write(storedGzip(onnx), to: "net.gz")) == .onnx)
    let odd: [UInt8] = [0xFE, 0xED, 0xFA, 0xCE]
    #expect(try ModelFormat(ofFile: folder.write(odd, to: "odd.pth")) == .pyTorch)
    let archive = try Fixtures.bytes("numpy/stored.npz")
    #expect(try ModelFormat(ofFile: folder.write(archive, to: "a.bin")) == .numPy)
    for (name, bytes, words) in [
      ("panda.png", try Fixtures.bytes("images/colour.png"), "panda.png: is a PNG image"),
      ("notes.txt", Array("notes".utf8), "notes.txt: is a text"),
      ("none.pt", [], "none.pt: is empty"), ("odd", odd, "odd: is of no known format"),
    ] {
      let path = try folder.write(bytes, to: name)
      let error = #expect(throws: NetworkError.self) { try ModelFormat(ofFile: path) }
      #expect(error?.description.contains(words) == true)
      #expect(error?.description.contains("expected a network") == true)
    }
  }

  @Test("a checkpoint that was cut short says so")
  func cutCheckpoint() throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let whole = try StateDict(name: "a", tensors: ["w": .zeros([200])]).encodedForPyTorch()
    let path = try folder.write(Array(whole.dropLast(60)), to: "cut.pth")
    let error = #expect(throws: NetworkError.self) { try StateDict(pyTorch: path) }
    #expect(error?.description.contains("cut short or damaged") == true)
  }
}
