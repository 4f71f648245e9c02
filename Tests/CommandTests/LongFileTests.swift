import Foundation
import TestSupport
import Testing

/// Files that are long in one way, such as in very many names.
///
/// The time to read them grows as they do, and not as its square. `gibbon-fuzz` makes them, and measures the processor's time and not that of
/// the clock.
@Suite(.serialized) struct LongFileTests {
  static let formats = [
    "gzip", "zip", "npy", "npz", "idx", "csv", "onnx", "pickle", "pytorch", "shards", "safetensors",
  ]

  @Test(arguments: formats)
  func timeGrowsWithTheSize(format: String) throws {
    let folder = try Folder()
    let executable = URL(filePath: Command.executable).deletingLastPathComponent()
      .appending(path: "gibbon-fuzz").path
    let root = URL(filePath: Fixtures.folder).deletingLastPathComponent()
      .deletingLastPathComponent().path
    let words = [folder.path, "0", "300000", format]
    let result = try Command(words, in: root, executable: executable).result()
    let found = result.output.firstMatch(of: #/long files: slowest ([0-9]+) ms per MB/#)
    let slowest = try #require(found.flatMap { Int($0.1) }, "\(result.output)")
    // Beside other tests all takes longer; what grows as a square takes far more than that.
    #expect(result.status == 0 || 2000..<20_000 ~= slowest, "\(result.output)")
  }
}
