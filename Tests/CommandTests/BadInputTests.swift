import Foundation
import Testing

/// Bad input of every kind: one clear line, exit status 2, and nothing left behind.
@Suite struct BadInputTests {
  /// A command line and the line it deserves.
  ///
  /// In both, words that begin with `in/` are files of `BadFiles`.
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let message: String

    init(_ line: String, _ message: String) {
      self.line = line
      self.message = message
    }

    var testDescription: String { line }
  }

  private func check(_ bad: Case) throws {
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: folder / "in", withDestinationPath: BadFiles.folder.path)
    let result = try Command.run(line: bad.line, in: folder)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors == "gibbon: \(bad.message)\n")
    #expect(folder.names == ["in"])
  }

  @Test("the command line", arguments: words)
  func aCommandLine(bad: Case) throws { try check(bad) }

  static let words = [
    Case("frobnicate", ""),
    Case("--frobnicate", ""),
    Case("attack", ""),
    Case("attack in/net.safetensors", ""),
    Case("attack --threat linf:0.3", ""),
    Case("attack in/net.safetensors --threat", ""),
    Case("attack in/net.safetensors --threat linf:-1", ""),
    Case("attack in/net.safetensors --threat linf:abc", ""),
    Case("attack in/net.safetensors --threat linf:", ""),
    Case("attack in/net.safetensors --threat linf:1/0", ""),
    Case("attack in/net.safetensors --threat linf:nan", ""),
    Case("attack in/net.safetensors --threat 0.3", ""),
    Case("attack in/net.safetensors --threat l7:0.3", ""),
    Case("attack in/net.safetensors --threat l1:12", ""),
    Case("attack in/net.safetensors --threat linf:0.1+l2:1", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --frobnicate 3", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --frobnicate", ""),
    Case("attack in/net.safetensors --threat linf:0.3 -x", ""),
    Case("attack in/net.safetensors more --threat linf:0.3", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --attack frobnicate", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --steps 0", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --steps many", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --steps", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --steps 3 --steps 4", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --attack fgsm --steps 3", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --step-size -1", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --objective hinge", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --seed abc", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --seed -1", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --batch 0", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --batch 5000", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count 0", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count -3", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count ten", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count 10001", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --offset -1", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --offset 10000", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --offset 9999 --count 2", ""),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --offset 1 --count 9223372036854775807", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --target 10", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --target -1", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --target seven", ""),
    Case(
      "attack in/net.safetensors --threat linf:0.3 --data idx:in/images,in/labels --target 1", ""),
    Case("train", ""),
    Case("train mnist-mlp", ""),
    Case("train mnist-huge --output net.safetensors", ""),
    Case("train mnist-mlp --output net.safetensors --count 0", ""),
    Case("train mnist-mlp --output net.safetensors --count 60001", ""),
    Case("train mnist-mlp --output net.safetensors --epochs 0", ""),
    Case("train mnist-mlp --output net.safetensors --epochs 9223372036854775807", ""),
    Case("train mnist-mlp --output net.safetensors --batch 0", ""),
    Case("train mnist-mlp --output net.safetensors --seed abc", ""),
    Case("train mnist-mlp --output net.safetensors --rate 0", ""),
    Case("train mnist-mlp --output net.safetensors --rate -1", ""),
    Case("train mnist-mlp --output net.safetensors --rate nan", ""),
    Case("train mnist-mlp --output net.safetensors --optimizer lion", ""),
    Case("train mnist-mlp --output net.safetensors --schedule square", ""),
    Case("train mnist-mlp --output net.safetensors --schedule steps --drops 0.5,2", ""),
    Case("train mnist-mlp --output net.safetensors --peak 1", ""),
    Case("train mnist-mlp --output net.safetensors --momentum 1", ""),
    Case("train mnist-mlp --output net.safetensors --weight-decay -1", ""),
    Case("train mnist-mlp --output net.safetensors --threat linf:-1", ""),
    Case("train mnist-mlp --output net.safetensors --threat linf:0.1 --attack frobnicate", ""),
    Case("train mnist-mlp --output net.safetensors --threat linf:0.1 --stepsize 3", ""),
    Case("train mnist-mlp --output net.safetensors --steps 3", ""),
    Case("train mnist-mlp --output net.safetensors --attack fgsm", ""),
    Case("train mnist-mlp --output net.safetensors --frobnicate 3", ""),
    Case("info in/net.safetensors more", ""),
    Case("info --frobnicate", ""),
  ]

  @Test("networks", arguments: networks)
  func aNetwork(bad: Case) throws { try check(bad) }

  static let networks = [
    Case("attack mnist-clever --threat linf:0.3", ""),
    Case("attack in/none.safetensors --threat linf:0.3", ""),
    Case("attack in/none/net.safetensors --threat linf:0.3", ""),
    Case("attack in/folder.safetensors --threat linf:0.3", ""),
    Case("attack in/garbage.safetensors --threat linf:0.3", ""),
    Case("attack in/empty.safetensors --threat linf:0.3", ""),
    Case("attack in/truncated.safetensors --threat linf:0.3", ""),
    Case("attack in/header.safetensors --threat linf:0.3", ""),
    Case("attack in/bare.safetensors --threat linf:0.3", ""),
    Case("attack in/newer.safetensors --threat linf:0.3", ""),
    Case("attack in/unknown.safetensors --threat linf:0.3", ""),
    Case("attack in/other.safetensors --threat linf:0.3", ""),
    Case("attack in/net.onnx --threat linf:0.3", ""),
    Case("attack /dev/zero --threat linf:0.3", ""),
    Case("info in/truncated.safetensors", ""),
    Case("train mnist-mlp --output net.safetensors --resume", ""),
    Case("train mnist-small --output in/net.safetensors --resume", ""),
    Case("train mnist-mlp --output in/garbage.safetensors --resume", ""),
    Case("train mnist-mlp --output in/net.safetensors --resume", ""),
    Case("train \(Trained.recipe) --output in/net.safetensors --resume", ""),
  ]

  @Test("data", arguments: data)
  func aDataSet(bad: Case) throws { try check(bad) }

  static let data =
    [
      Case("mnist", ""),
      Case("mnist:validation", ""),
      Case("cifar10:test", ""),
      Case("idx:in/images", ""),
      Case("mnist:test@in/none", ""),
      Case("mnist:test@in/altered", ""),
      Case("mnist:test@in/cut", ""),
      Case("idx:in/none,in/labels", ""),
      Case("idx:in/folder.safetensors,in/labels", ""),
      Case("idx:in/garbage.safetensors,in/labels", ""),
      Case("idx:in/short-images,in/labels", ""),
      Case("idx:in/images,in/two-labels", ""),
      Case("idx:in/cut-images.gz,in/labels", ""),
      Case("idx:in/small-images,in/labels", ""),
      Case("idx:in/images,in/twelve-labels", ""),
    ].map { Case("attack in/net.safetensors --threat linf:0.3 --data \($0.line)", $0.message) }
    + [
      Case("train mnist-mlp --output net.safetensors --data mnist:test@in/altered", ""),
      Case("train mnist-mlp --output net.safetensors --data idx:in/small-images,in/labels", ""),
      Case("train mnist-mlp --output net.safetensors --data idx:in/images,in/twelve-labels", ""),
      Case(
        "train mnist-mlp --output net.safetensors --data idx:in/images,in/labels --validation idx:in/small-images,in/labels",
        ""),
    ]

  @Test("places to write to", arguments: places)
  func aPlace(bad: Case) throws { try check(bad) }

  static let places = [
    Case("attack in/net.safetensors --threat linf:0.3 --count 2 --json none/out.json", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count 2 --json in", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count 2 --json in/images/out.json", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count 2 --save none/out.safetensors", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count 2 --report none/out.html", ""),
    Case("attack in/net.safetensors --threat linf:0.3 --count 2 --json same --save same", ""),
    Case("info in/net.safetensors --json none/out.json", ""),
    Case("train mnist-mlp --output none/net.safetensors", ""),
    Case("train mnist-mlp --output in", ""),
    Case("train mnist-mlp --output net.safetensors --json none/out.json", ""),
    Case("train mnist-mlp --output same --json same", ""),
  ]

  #if os(Linux)
    @Test("a full disk", arguments: full)
    func aFullDisk(bad: Case) throws { try check(bad) }

    static let full = [
      Case("attack in/net.safetensors --threat linf:0.3 --count 2 --json /dev/full", ""),
      Case("attack in/net.safetensors --threat linf:0.3 --count 2 --save /dev/full", ""),
      Case("info in/net.safetensors --json /dev/full", ""),
      Case(
        "train mnist-mlp --output /dev/full --count 20 --batch 20 --data idx:in/images,in/labels",
        ""),
    ]
  #endif
}
