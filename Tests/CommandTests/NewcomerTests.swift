import Datasets
import Foundation
import JSON
import Networks
import Tensors
import TestSupport
import Testing

/// What one meets on the first day: endings, empty words, ends that are no result.
@Suite struct NewcomerTests {
  private func refused(_ words: [String], leaves names: [String] = []) throws -> String {
    let folder = try Folder()
    let result = try Command(words, in: folder.path).result()
    #expect(result.status == 2 && result.output.isEmpty && folder.names == names)
    return result.message
  }

  @Test("data that were left out are named where they do not fit")
  func dataLeftOut() throws {
    let folder = try Folder()
    let network = try Network("own", input: InputDescription(shape: [3, 8, 8]), seed: 0) {
      Flatten()
      Linear(10)
    }
    try network.writeONNX(to: folder / "own.onnx")
    for line in ["evaluate own.onnx --threat linf:0.1", "predict own.onnx --output out.npz"] {
      let result = try Command.run(line: line, in: folder)
      #expect(result.status == 2 && folder.names == ["own.onnx"])
      #expect(
        result.message
          == "gibbon: mnist:test: examples are 1x28x28, but own.onnx takes 3x8x8; mnist:test is used when"
          + " --data is left out, so name the network's own data by it")
    }
  }

  @Test(arguments: [
    ("attack mnist-robust --threat patch:0px", "a side in pixels, at least 1"),
    (
      "attack mnist-robust --threat patch:0.0001 --count 2",
      "has no pixel in a picture of shape 1x28x28"
    ),
    (
      "attack mnist-robust --threat l0:5.5",
      "threat 'l0:5.5': l0 counts the pixels that change, expected a whole number, not 5.5; l0:5 is as many as 5.5 allows"
    ),
    (
      "attack mnist-robust --threat linf:0.1 --count 2 --goal class:11",
      "--goal is 'class:11'; expected class:0 to class:9"
    ),
    (
      "attack ftp://host/model --threat linf:0.1", "ftp://host/model: a remote model is given as"
    ),
    ("info file:///model.onnx", "not as file://"),
    (
      "evaluate mnist-robust --threat linf:0.1 --attacks apgd-ce,,square",
      "--attacks is 'apgd-ce,,square'; expected names of attacks joined by commas"
    ),
    (
      "evaluate mnist-robust --threat linf:0.1 --curve 0:0.4:0",
      "--curve is '0:0.4:0': the step is 0; expected a positive number"
    ),
    (
      "evaluate mnist-robust --threat linf:0.1 --curve 0:0.4:x",
      "--curve is '0:0.4:x': the step 'x' is not a number or fraction"
    ),
    (
      "evaluate mnist-robust --threat linf:0.1 --curve 0:0.1:0.2",
      "--curve is '0:0.1:0.2': the step 0.2 is longer than the way from 0 to 0.1; expected a shorter one"
    ),
    (
      "evaluate mnist-robust --threat linf:0.1 --curve 0.4:0:0.1",
      "--curve is '0.4:0:0.1': the last radius 0 is below the first, 0.4"
    ),
    (
      "evaluate mnist-robust --threat l0:4 --attacks jsma --curve 0:4:0.5",
      "radii of l0 are numbers of pixels, expected whole ones, not 0.5"
    ),
    (
      "attack mnist-robust --threat linf:0.1 --report out.pdf",
      "--report is 'out.pdf', but its output is not a .pdf file; expected a name that ends in .html"
    ),
    (
      "attack mnist-robust --threat linf:0.1 --json out.csv",
      "--json is 'out.csv', but its output is not a .csv file; expected a name that ends in .json"
    ),
    (
      "evaluate mnist-robust --threat linf:0.1 --resume other.npz",
      "--resume is 'other.npz', but its output is not a .npz file; expected a name that ends in .bin"
    ),
    (
      "train mnist-small --output out.h5",
      "--output is 'out.h5'; expected a name that ends in .safetensors, .onnx, .pt, .pth or .npz"
    ),
    (
      "info resnet20 --data mnist:test",
      "resnet20 is an architecture, without parameters"
    ),
  ])
  func oneClearLine(line: String, part: String) throws {
    let message = try refused(line.split(separator: " ").map(String.init))
    #expect(message.hasPrefix("gibbon: ") && message.contains(part), "\(message)")
  }

  @Test func emptyWords() throws {
    let evaluate = ["evaluate", "mnist-robust", "--threat", "linf:0.1", "--attacks", ""]
    #expect(
      try refused(evaluate)
        == "gibbon: --attacks is ''; expected names of attacks joined by commas, such as apgd-ce,square"
    )
    for option in ["--goal", "--target", "--surrogate"] {
      #expect(
        try refused(["attack", "mnist-robust", "--threat", "linf:0.1", option, ""])
          == "gibbon: \(option) is empty; expected a value")
    }
  }

  @Test func anArchitectureForONNXIsRefused() throws {
    let folder = try Folder()
    try Architecture.named("mnist-mlp").network(seed: 1).writeONNX(to: folder / "net.onnx")
    let result = try Command.run(line: "info net.onnx --architecture resnet20", in: folder)
    #expect(result.status == 2)
    #expect(
      result.message
        == "gibbon: net.onnx: an ONNX file says its network's form itself; leave out --architecture resnet20"
    )
  }

  @Test func anAttackThatFailsOnEveryExampleIsNoResult() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "attack mnist-robust --count 4 --threat patch:5px --attack grid --json out.json",
      in: folder)
    #expect(result.status == 2)
    #expect(
      result.message.hasPrefix(
        "gibbon: the attack failed on all 4 examples that it was run on, so there is no result: "
      ))
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    #expect(json["examples"]?.arrayValue?.allSatisfy { $0["failure"] != .null } == true)
  }

  @Test(arguments: ["onnx", "npz", "pt", "safetensors"])
  func trainingWritesWhatTheEndingSays(ending: String) throws {
    let folder = try Folder()
    let line = "train mnist-mlp --count 200 --epochs 1 --seed 3 --output net.\(ending)"
    let result = try Command.run(line: line, in: folder)
    try #require(result.status == 0, "\(result.errors)")
    #expect(folder.names == ["net.\(ending)"])
    let path = folder / "net.\(ending)"
    let format = try ModelFormat(ofFile: path)
    #expect(format.endings.contains(ending))
    // The parameters are the same in every form.
    #expect(
      try Command.run(
        line: "train mnist-mlp --count 200 --epochs 1 --seed 3 --output same.safetensors",
        in: folder
      ).status == 0)
    for (file, words) in [
      ("net.\(ending)", format == .numPy || format == .pyTorch), ("same.safetensors", false),
    ] {
      let result = try Command.run(
        line: "predict \(file) --count 20 --output \(file).out.npz"
          + (words ? " --architecture mnist-mlp" : ""), in: folder)
      try #require(result.status == 0, "\(result.errors)")
    }
    let logits = try ["net.\(ending)", "same.safetensors"].map {
      try NPZ(path: folder / "\($0).out.npz").array("logits").tensor().scalars
    }
    for (a, b) in zip(logits[0], logits[1]) { #expect(abs(a - b) <= 1e-5 * max(1, abs(a))) }
    // It may be trained again.
    #expect(try Command.run(line: line, in: folder).status == 0)
  }

  @Test func anInterruptedTrainingOfAnotherFormGoesOn() throws {
    let folder = try Folder()
    let words = [
      "train", "mnist-mlp", "--count", "2000", "--epochs", "30", "--seed", "3", "--output",
      "net.onnx",
    ]
    let command = try Command(words, in: folder.path)
    try command.wait { command.errorsSoFar.contains("epoch 1 of 30") }
    command.interrupt()
    let cut = try command.result()
    guard cut.status == 130 else { return #expect(cut.status == 0) }
    #expect(folder.names == ["net.onnx.state"])
    #expect(cut.errors.contains("net.onnx.state holds the network so far, and --resume continues"))
    let again = try Command(words, in: folder.path).result()
    #expect(again.status == 2)
    #expect(
      again.message.contains("net.onnx.state: holds an unfinished training; go on with --resume"))
    let rest = try Command(words + ["--resume"], in: folder.path).result()
    try #require(rest.status == 0, "\(rest.errors)")
    #expect(folder.names == ["net.onnx"])
    #expect(try ModelFormat(ofFile: folder / "net.onnx") == .onnx)
  }

  @Test func oldPicturesGo() throws {
    let folder = try Folder()
    let line =
      "evaluate mnist-standard --threat linf:0.3 --attacks apgd-ce --no-checks --save out/ --count "
    #expect(try Command.run(line: line + "12", in: folder).status == 0)
    let pictures = folder / "out"
    try Data([1]).write(to: URL(filePath: pictures + "/own.png"))
    let before = try FileManager.default.contentsOfDirectory(atPath: pictures).count
    let second = try Command.run(line: line + "3", in: folder)
    #expect(second.status == 0)
    let after = try FileManager.default.contentsOfDirectory(atPath: pictures)
    #expect(after.contains("own.png") && after.count < before && after.count <= 4)
    #expect(second.errors.contains("\(before - 1) pictures of an earlier evaluation were removed"))
  }

  @Test func anArchitectureIsDescribed() throws {
    let folder = try Folder()
    let result = try Command.run(line: "info resnet20 --json out.json", in: folder)
    try #require(result.status == 0, "\(result.errors)")
    let json = try JSONValue(parsing: #require(folder.text("out.json")))
    let network = try Architecture.named("resnet20").network(seed: 1)
    #expect(json["parameter_count"]?.intValue == network.parameterCount)
    #expect(json["outputs"]?.intValue == 10)
    #expect(
      json["parameters"]?.arrayValue?.map { $0["name"]?.stringValue } == network.parameterNames)
    let layers = try #require(json["layers"]?.arrayValue)
    let used = Set(layers.flatMap { $0["parameters"]?.arrayValue?.compactMap(\.stringValue) ?? [] })
    #expect(used == Set(network.parameterNames))
    #expect(layers.last?["output"]?.arrayValue?.map(\.intValue) == [10])
    for part in ["3x32x32", "10 scores", "gibbon train resnet20", "linear.weight"] {
      #expect(result.output.contains(part), "\(part)")
    }
  }

  @Test func examplesInHelpCanBePasted() throws {
    for verb in ["attack", "evaluate", "train", "predict", "classify", "convert", "info"] {
      for columns in ["40", "80", "200"] {
        let folder = try Folder()
        let result = try Command(
          ["help", verb], in: folder.path,
          environment: ProcessInfo.processInfo.environment.merging(["COLUMNS": columns]) { $1 }
        ).result()
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        var isExample = false
        for (line, next) in zip(lines, lines.dropFirst()) {
          isExample = isExample || line.hasPrefix("  gibbon ")
          if isExample, !next.isEmpty, !next.hasPrefix("  gibbon ") {
            #expect(line.hasSuffix(" \\"), "\(verb) at \(columns): \(line)")
          }
          if next.isEmpty { isExample = false }
        }
      }
    }
  }
}
