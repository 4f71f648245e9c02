import Foundation
import JSON
import Testing

/// Recipes, and what is written while a training goes on.
@Suite("Recipes of the command") struct RecipeCommandTests {
  private static let quick = "--count 200 --epochs 1"

  private func run(_ line: String, in folder: Folder) throws -> Command.Result {
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 0, "\(line): \(result.errors)")
    return result
  }

  @Test func options() throws {
    let folder = try Folder()
    // The recipe names the architecture; what is given beside it counts, an option of its attack as well.
    _ = try run(
      "train --recipe mnist-wong --step-size 0.3 --output net.safetensors --seed 5 --json t.json \(Self.quick)",
      in: folder)
    let record = try JSONValue(parsing: #require(folder.text("t.json")))
    #expect(record["architecture"] == "mnist-small" && record["seed"] == 5)
    let settings = try #require(record["settings"]?.stringValue)
    for line in [
      "architecture: mnist-small", "threat: linf:0.3", "attack: fgsm", "count: 200", "epochs: 1",
      "batch: 100", "rate: 0.005", "schedule: cyclic", "seed: 5", "step-size: 0.3",
      "random-start: true",
    ] { #expect(settings.contains(line), "\(line): \(settings)") }
    let info = try run("info net.safetensors", in: folder)
    #expect(info.output.contains("recipe.name mnist-wong"), "\(info.output)")
    // What the file says trains the same network again.
    try folder.write(settings.utf8, to: "again.yaml")
    _ = try run("train --recipe again.yaml --output again.safetensors --json a.json", in: folder)
    let again = try JSONValue(parsing: #require(folder.text("a.json")))
    #expect(again["epochs"] == record["epochs"] && again["recipe"] == record["recipe"])
    // Where the architecture stands does not matter, nor a flag before it.
    _ = try run(
      "train --attack fgsm --step-size 0.1 --random-start mnist-mlp --threat linf:0.1 --output o.safetensors"
        + " --json o.json \(Self.quick)", in: folder)
    let other = try JSONValue(parsing: #require(folder.text("o.json")))
    #expect(other["architecture"] == "mnist-mlp")
    // Another method has no use for the recipe's attack.
    _ = try run(
      "train --recipe mnist-wong --method plain --output plain.safetensors \(Self.quick)",
      in: folder)
  }

  @Test(arguments: [
    (
      "train --recipe mnist-wong resnet20 --output a.safetensors",
      "the recipe mnist-wong is for inputs of 1x28x28, but resnet20 takes 3x32x32; expected another recipe, or such"
        + " a network"
    ),
    (
      "train --recipe mnist-wnog --output a.safetensors",
      "there is no built-in recipe 'mnist-wnog' (did you mean mnist-wong?)"
    ),
    (
      "train --recipe wrong.yaml --output a.safetensors",
      "wrong.yaml: line 2: unknown key 'epoch'; did you mean epochs?"
    ),
    (
      "train --recipe none.yaml --output a.safetensors",
      "--recipe none.yaml: cannot read it: No such file"
    ),
    ("train --output a.safetensors", "no architecture is given; expected one"),
    (
      "train mnist-mlp --output a.safetensors --patience 3 --count 20",
      "--patience is 3, but no examples are held out"
    ),
    (
      "train mnist-mlp --output a.safetensors --augment crop:30 --count 20",
      "--augment: the augmentation crop:30 is too large"
    ),
    (
      "train mnist-mlp@3x0x4:2 --output a.safetensors",
      "'mnist-mlp@3x0x4:2' says no size; expected mnist-mlp@SHAPE:CLASSES"
    ),
    (
      "train mnist-mlp --output a.safetensors --class-weights 1,2",
      "--class-weights is 2 numbers; expected one for each of the 10 classes"
    ),
  ])
  func refusals(line: String, message: String) throws {
    let folder = try Folder()
    try folder.write("seed: 1\nepoch: 3\n".utf8, to: "wrong.yaml")
    let result = try Command.run(line: line, in: folder)
    #expect(result.status == 2 && result.message.contains(message), "\(result.message)")
    #expect(folder.names == ["wrong.yaml"])
  }

  @Test func metricsAreThoseOfATrainingThatNeverStopped() throws {
    let line =
      "train mnist-mlp --output net.safetensors --count 400 --batch 20 --epochs 3 --held-out 100 --keep 1"
      + " --metrics m.jsonl --metrics-every 4 --tensorboard runs"
    let folder = try Folder()
    _ = try run(line, in: folder)
    let records = try lines(of: folder)
    #expect(
      records.map { $0["step"]?.intValue } == [
        4, 8, 12, 15, 16, 20, 24, 28, 30, 32, 36, 40, 44, 45,
      ])
    for record in records {
      let isEpoch = (record["step"]?.intValue ?? 0) % 15 == 0
      #expect((record["held_out_accuracy"] != nil) == isEpoch)
      for name in ["loss", "accuracy", "rate", "examples_per_second"] {
        #expect(record[name]?.doubleValue.map { $0.isFinite } == true, "\(name)")
      }
    }
    #expect(
      folder.names == ["m.jsonl", "net.epoch-3.safetensors", "net.safetensors", "runs"])
    // Of a training that was stopped, the course goes on as if nothing had been.
    let other = try Folder()
    let command = try Command(
      line.split(separator: " ").map(String.init) + ["--time", "0.000001s"], in: other.path)
    #expect(try command.result().status == 0)
    let stopped = try lines(of: other)
    #expect(stopped.count == 1 && stopped[0]["step"] == 1)
  }

  private func lines(of folder: Folder) throws -> [JSONValue] {
    try #require(folder.text("m.jsonl")).split(separator: "\n").map {
      try JSONValue(parsing: Array($0.utf8))
    }
  }

  @Test func theBestEpochIsTaken() throws {
    let folder = try Folder()
    let result = try run(
      "train mnist-mlp --output net.safetensors --count 400 --batch 20 --epochs 3 --held-out 100 --attacked 20"
        + " --threat linf:0.1 --attack fgsm --random-start --json t.json", in: folder)
    let record = try JSONValue(parsing: #require(folder.text("t.json")))
    let epochs = try #require(record["epochs"]?.arrayValue)
    let robust = epochs.map { $0["held_out"]?["robust_accuracy"]?.doubleValue ?? -1 }
    let best = try #require(record["selected_epoch"]?.intValue)
    #expect(robust.allSatisfy { 0...1 ~= $0 } && robust[best - 1] == robust.max())
    #expect(record["held_out_count"] == 100)
    #expect(
      result.errors.contains(
        "the network is that of epoch \(best), the best of 3 by robust accuracy"))
    #expect(result.errors.contains("held out") && result.errors.contains("(robust "))
  }

  @Test func infoShowsRecipes() throws {
    let folder = try Folder()
    #expect(try run("info --recipes", in: folder).output.contains("mnist-wong"))
    let text = try run("info --recipe mnist-madry", in: folder).output
    #expect(text.contains("step-size: 0.01") && text.contains("architecture: mnist-madry"))
    #expect(try run("info mnist-wong", in: folder).output.contains("step-size: 0.375"))
    #expect(try run("info mnist-mlp@3x8x8:2", in: folder).output.contains("2 scores"))
    let refused = try Command.run(line: "info --recipe mnist-wong mnist-mlp", in: folder)
    #expect(refused.status == 2)
  }
}
