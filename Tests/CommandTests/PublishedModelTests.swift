import Datasets
import Foundation
import JSON
import Tensors
import TestSupport
import Testing

/// Published checkpoints reach their published accuracies, and the logits of their ONNX twins.
///
/// The files are no part of the repository; see `data` for where they are looked for.
@Suite struct PublishedModelTests {
  /// A folder beside the package, with `state-dicts`, `models` and `cifar10`.
  static let data = Fixtures.published

  static let isThere = FileManager.default.fileExists(atPath: data + "/state-dicts")

  struct Checkpoint: Sendable, CustomTestStringConvertible {
    let file: String
    let options: String
    let data: String
    let twin: String
    /// The share of all 10,000 examples.
    let accuracy: Double

    var testDescription: String { file }
  }

  static let checkpoints = [
    Checkpoint(
      file: "wong2020-mnist-fgsm.pth", options: "--architecture mnist-small", data: "mnist:test",
      twin: "mnist_fgsm_wong2020", accuracy: 0.9850),
    Checkpoint(
      file: "mnist_lenet5_advtrained.pt", options: "--architecture advertorch-lenet5",
      data: "mnist:test", twin: "mnist_lenet5_adv_advertorch", accuracy: 0.9864),
    Checkpoint(
      file: "cifar_base_kw.pth", options: "--architecture cifar-base-kw",
      data: "cifar10:test@\(data)/cifar10", twin: "cifar_oval_base_kw", accuracy: 0.5853),
    Checkpoint(
      file: "resnet20-12fca82f.th",
      options: "--architecture resnet20 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
      data: "cifar10:test@\(data)/cifar10", twin: "cifar_resnet20_akamaster", accuracy: 0.9173),
  ]

  @Test(
    "statistics that were given wrongly are told the right ones",
    .enabled(if: isThere, "there is no folder ../shared/data"))
  func statistics() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "info \(Self.data)/state-dicts/resnet20-12fca82f.th --architecture resnet20"
        + " --mean 0.1,0.1,0.1 --std 1,1,1 --data cifar10:test@\(Self.data)/cifar10", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(
      result.output.contains(
        "the network expects values normalised by other statistics: --mean 0.485,0.456,0.406 --std"
          + " 0.229,0.224,0.225 instead of 0.1,0.1,0.1 and 1,1,1"), "\(result.output)")
    #expect(!result.output.contains("leave out"))
  }

  @Test(
    "accuracy and logits", .enabled(if: isThere, "there is no folder ../shared/data"),
    arguments: checkpoints)
  func checkpoint(_ checkpoint: Checkpoint) throws {
    let folder = try Folder()
    let path = "\(Self.data)/state-dicts/\(checkpoint.file)"
    let whole = try Command.run(
      line: "predict \(path) \(checkpoint.options) --data \(checkpoint.data) --output out.npz"
        + " --json out.json", in: folder)
    try #require(whole.status == 0, "\(whole.errors)")
    #expect(whole.errors.isEmpty, "nothing is wrong with it")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let accuracy = try #require(json["clean_accuracy"]?.doubleValue)
    #expect(abs(accuracy - checkpoint.accuracy) < 1e-9)
    let twin = try Command.run(
      line:
        "predict \(Self.data)/models/\(checkpoint.twin).onnx --data \(checkpoint.data) --count 500"
        + " --output twin.npz", in: folder)
    try #require(twin.status == 0, "\(twin.errors)")
    let logits = try NPZ(path: folder / "out.npz").array("logits").tensor()
    let others = try NPZ(path: folder / "twin.npz").array("logits").tensor()
    let scale = others.normInfinity
    for row in 0..<500 {
      #expect((logits.row(row) - others.row(row)).normInfinity <= 1e-4 * scale, "example \(row)")
    }
  }
}
