import Foundation
import JSON
import Networks
import Tensors
import Testing

/// Ctrl-C: nothing that was done is lost, and nothing half done is left.
@Suite struct InterruptTests {
  private static let recipe =
    "train mnist-small --output net.safetensors --count 600 --epochs 24 --batch 50 --seed 2 "
    + "--rate 0.001"

  @Test(arguments: ["", "--threat linf:0.1 --attack fgsm --random-start --epochs 8"])
  func training(adversary: String) throws {
    let line =
      adversary.isEmpty
      ? Self.recipe : Self.recipe.replacing("--epochs 24 ", with: "") + " " + adversary
    let words = line.split(separator: " ").map(String.init)
    let folder = try Folder()
    let command = try Command(words, in: folder.path)
    try command.wait { command.errorsSoFar.contains("epoch 1 of ") }
    command.interrupt()
    let result = try command.result()
    #expect(result.status == 130)
    #expect(result.output.isEmpty)
    let last = try #require(result.errorLines.dropLast().last)
    #expect(
      last.wholeMatch(
        of:
          #/gibbon: interrupted at step [0-9]+ of [0-9]+; net\.safetensors holds the network so far, and --resume continues/#
      )
        != nil, "\(last)")
    #expect(folder.names == ["net.safetensors"])

    let attack = try Command.run(
      line: "attack net.safetensors --threat linf:0.1 --attack fgsm --count 20 --json out.json",
      in: folder)
    #expect(attack.status == 0)
    #expect(try JSONValue(parsing: folder.text("out.json") ?? "")["count"]?.intValue == 20)

    let careless = try Command(words, in: folder.path).result()
    #expect(careless.status == 2)
    #expect(
      careless.errors
        == "gibbon: net.safetensors: holds an unfinished training; go on with --resume, or remove the file\n"
    )
    let resumed = try Command(words + ["--resume"], in: folder.path).result()
    #expect(resumed.status == 0)
    let whole = try Folder()
    #expect(try Command(words, in: whole.path).result().status == 0)
    let end = try NetworkFile(path: folder / "net.safetensors")
    let expected = try NetworkFile(path: whole / "net.safetensors")
    #expect(end.network.parameters == expected.network.parameters)
    #expect(end.history["metrics"] == expected.history["metrics"])
    #expect(end.state.isEmpty && expected.state.isEmpty)
    // Nothing is left to do, and that is said.
    let again = try Command(words + ["--resume"], in: folder.path).result()
    #expect(again.status == 2)
    #expect(
      again.errors
        == "gibbon: net.safetensors: cannot be resumed: the training it holds is finished\n")
    #expect(try NetworkFile(path: folder / "net.safetensors").history == end.history)
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func anAttack(signal: Int32) throws {
    let folder = try Folder()
    let terminal = try PseudoTerminal()
    let command = try Command(try Self.endless, in: folder.path, terminal: terminal)
    // Examples that are misclassified as they are end at once, all others hours later.
    try command.wait { command.errorsSoFar.contains(#/attack [0-9]+ of 10\u{202F}000 examples/#) }
    command.send(signal)
    let result = try command.result()
    #expect(result.status == 128 + signal)
    #expect(result.output.isEmpty)
    let words = try #require(
      result.errors.firstMatch(
        of:
          #/\[2Kgibbon: interrupted; out\.json and out\.safetensors hold the ([0-9]+) of 10000 examples that were finished\r\n$/#
      ), "\(result.errors)")
    #expect(folder.names == ["out.json", "out.safetensors"])
    let json = try JSONValue(parsing: folder.text("out.json") ?? "")
    #expect(json["count"]?.intValue == Int(words.1) && json["robust_accuracy"] == .null)
    #expect(json["unfinished"]?.intValue == 10_000 - (Int(words.1) ?? 0))

    // What another run has come to is not replaced by less.
    let before = folder.contents
    let second = try Command(try Self.endless, in: folder.path, terminal: terminal)
    let start = terminal.text.count
    try second.wait { terminal.text.dropFirst(start).contains(#/attack [0-9]+ of 10/#) }
    second.send(signal)
    let kept = try second.result()
    #expect(kept.status == 128 + signal)
    #expect(
      kept.errors.contains(
        "gibbon: interrupted; out.json is left as it was; out.safetensors is left as it was"))
    #expect(folder.contents == before)
  }

  /// An attack that is far from its end when it is interrupted.
  private static var endless: [String] {
    get throws {
      [
        "attack", try Trained.network.path, "--threat", "linf:0.0001", "--steps", "1000000",
        "--json", "out.json", "--save", "out.safetensors",
      ]
    }
  }

  @Test func divergence() throws {
    let folder = try Folder()
    let result = try Command.run(
      line: "train mnist-mlp --output net.safetensors --count 300 --epochs 2 --optimizer sgd "
        + "--rate 1e30 --schedule constant", in: folder)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(
      result.message.wholeMatch(
        of:
          #/gibbon: training diverged in epoch 1 at step [1-3] \(learning rate 1e\+30\): the loss is not finite; try a smaller rate; nothing was written/#
      )
        != nil, "\(result.errors)")
    #expect(folder.names.isEmpty)
  }

  @Test func divergenceKeepsTheLastGoodEpoch() throws {
    let folder = try Folder()
    // Such a decay makes every step throw the parameters nine times as far out.
    let result = try Command.run(
      line:
        "train mnist-mlp --output net.safetensors --count 300 --batch 100 --epochs 40 --rate 0.1 "
        + "--optimizer sgd --momentum 0 --weight-decay 100 --schedule constant", in: folder)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    let last = try #require(result.errorLines.dropLast().last)
    let match = try #require(
      last.wholeMatch(
        of:
          #/gibbon: training diverged in epoch ([0-9]+) at step .*; net\.safetensors holds the network as it was after step ([0-9]+)/#
      ), "\(last)")
    let epochs = try #require(Int(match.1)) - 1
    #expect(epochs > 0 && Int(match.2) == 3 * epochs)
    #expect(folder.names == ["net.safetensors"])
    let kept = try NetworkFile(path: folder / "net.safetensors")
    #expect(kept.history["metrics"]?.split(separator: "\n").count == epochs)
    #expect(result.errorLines.count == epochs + 2)
    #expect(kept.network.parameters.values.allSatisfy { $0.scalars.allSatisfy(\.isFinite) })
  }
}
