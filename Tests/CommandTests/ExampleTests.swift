import Files
import Foundation
import Gibbon
import Testing

/// The programs of the documents, as they stand there.
@Suite struct ExampleTests {
  private func run(_ name: String, in folder: Folder, _ words: [String] = []) throws -> String {
    let program = URL(filePath: Command.executable).deletingLastPathComponent()
      .appending(path: "example-" + name).path
    let result = try Command(words, in: folder.path, executable: program).result()
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func theFirstEvaluatesAndWritesPictures() throws {
    let folder = try Folder()
    let output = try run("first", in: folder)
    #expect(output.hasPrefix("accuracy 1.0, robust accuracy at most 0.8"), "\(output)")
    let lines = output.split(separator: "\n").dropFirst()
    #expect(lines.count == 3 && lines.allSatisfy { $0.contains("is read as") })
    for line in lines {
      let index = line.prefix { $0.isNumber }
      let picture = try Bitmap(png: WholeFile.read(folder / "digit-\(index).png"))
      #expect(picture.width == 28 && picture.height == 28)
    }
    #expect(folder.text("evaluation.html")?.contains("Robustness of") == true)
  }

  @Test func tensorsHaveScoresAndGradients() throws {
    let output = try run("tensors", in: try Folder())
    #expect(output.contains("shape 8x10"), "\(output)")
    #expect(output.contains("read as [7, 2, 1, 0, 4, 1, 4, 9]"), "\(output)")
    #expect(output.contains("after a step ["), "\(output)")
  }

  @Test func certificatesAndAMatrix() throws {
    let output = try run("certificates", in: try Folder())
    let bounds = try #require(output.firstMatch(of: #/^([0-9]+) to ([0-9]+) of 20 hold/#)?.output)
    let (least, most) = (try #require(Int(bounds.1)), try #require(Int(bounds.2)))
    #expect(0 < least && least <= most)
    #expect(output.contains("mnist-standard ") && output.contains("mnist-robust "), "\(output)")
  }

  @Test func aPlayerOfOnesOwnRestsAndLeads() throws {
    let output = try run("games", in: try Folder())
    #expect(output.contains("extragradient: sells [4.0, 4.0]; could gain [0.0, 0.0]"), "\(output)")
    #expect(
      output.contains("stackelberg-implicit: sells [6.0, 3.0]; could gain [2.0, 0.0]"), "\(output)")
  }

  @Test func labelsThatAreNoClassesOfTheNetworkAreRefused() async throws {
    let network = try Network("one output", input: .mnist, seed: 0) {
      Flatten()
      Linear(1)
    }
    let data = try Dataset(
      inputs: Tensor(repeating: 0.5, shape: [2, 1, 28, 28]), labels: [0, 2])
    await #expect(throws: StudyError.self) {
      try await network.attack(data, by: FGSM(), within: "linf:0.1")
    }
    await #expect(throws: StudyError.self) {
      try await network.evaluate(on: data, within: "linf:0.1")
    }
  }

  @Test func ownNetworksAndArraysAreAttacked() throws {
    let folder = try Folder()
    try BuiltInNetwork.mnistStandard.load().network.writeONNX(to: folder / "network.onnx")
    let output = try run("arrays", in: folder, [folder.path])
    #expect(output.contains("fgsm leaves") && output.contains("pgd leaves"), "\(output)")
    #expect(WholeFile.exists(folder / "copy.onnx"))
  }

  @Test func filesAreReadAndWhatIsWrongIsCaught() throws {
    let folder = try Folder()
    func lines() throws -> [String] {
      try run("reading", in: folder, [folder.path]).split(separator: "\n").map(String.init)
    }
    let missing = try lines()
    #expect(missing.count == 1 && missing[0].hasPrefix("failed: "), "\(missing)")
    let digits = try BuiltInNetwork.mnistStandard.load().network
    let other = StateDict(name: "other", tensors: ["fc.weight": Tensor([1, 2], shape: [1, 2])])
    try folder.write(other.encodedForPyTorch(), to: "network.pt")
    let misfit = try lines()
    #expect(misfit.count == 1 && misfit[0].hasPrefix("no network: "), "\(misfit)")
    let state = StateDict(name: "digits", tensors: digits.parameters)
    try folder.write(state.encodedForPyTorch(), to: "network.pt")
    let read = try #require(try lines().first?.split(separator: " ").first.flatMap { Int($0) })
    #expect(read >= 95)
  }

  @Test func aNetworkIsTrainedAndAttacked() throws {
    let output = try run("training", in: try Folder())
    let held = output.split(separator: " ").first.flatMap { Int($0) } ?? 0
    #expect(held > 40, "\(output)")
  }
}
