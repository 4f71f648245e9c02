import Foundation
import Testing

/// A network that `gibbon train` made, once for all tests.
struct Trained: Sendable {
  /// The folder with `net.safetensors`.
  let folder: Folder
  /// What the training said.
  let result: Command.Result

  /// Words of the command line that train a network which knows digits, though not well.
  static let recipe = "mnist-mlp --count 1000 --epochs 2 --batch 50 --seed 1 --rate 0.003"

  /// The path of the file.
  var path: String { folder / "net.safetensors" }

  private static let made = Swift.Result {
    let folder = try Folder()
    let result = try Command.run(
      line: "train \(recipe) --output net.safetensors --json train.json", in: folder)
    guard result.status == 0 else { throw Command.Failure(description: result.errors) }
    return Trained(folder: folder, result: result)
  }

  /// The network.
  static var network: Trained { get throws { try made.get() } }
}
