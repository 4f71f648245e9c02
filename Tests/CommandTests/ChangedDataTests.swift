import Datasets
import Foundation
import Tensors
import Testing

/// What goes on from a file goes on with the examples that it began with.
@Suite struct ChangedDataTests {
  private static let count = 200

  /// Noise that looks like digits; `changed` is the number of the example that is another one, if any.
  private func write(_ folder: Folder, changed: Int? = nil) throws {
    var generator = RandomKey(seed: 3).child("changed").generator
    var x = generator.uniforms([Self.count, 1, 28, 28]).map { $0 < 0.8 ? 0 : $0 }
    if let changed { x[784 * changed + 300] = x[784 * changed + 300] > 0.5 ? 0.25 : 0.75 }
    let y = NPYContents(integers: (0..<Self.count).map { $0 % 10 }, shape: [Self.count])
    try folder.write(NPYContents.npz(["x": NPYContents(x), "y": y]), to: "data.npz")
  }

  @Test(arguments: [1, 125, 199])
  func anEvaluationIsNotGoneOnWith(changed: Int) throws {
    let folder = try Folder()
    try write(folder)
    let words =
      "evaluate mnist-robust --data npz:data.npz --threat linf:0.1 --attacks noise --no-checks --resume state --json "
    let first = try Command.run(line: words + "/dev/full", in: folder)
    try #require(first.status == 2 && folder.names.contains("state"), "\(first.errors)")
    try write(folder, changed: changed)
    let result = try Command.run(line: words + "out.json", in: folder)
    #expect(result.status == 2)
    #expect(
      result.errors.hasSuffix(
        "gibbon: state: holds another evaluation, which differs in: data; expected the same, or remove the file\n"
      ), "\(result.errors)")
  }

  @Test func anotherCountIsToldAsSuch() throws {
    let folder = try Folder()
    let words =
      "evaluate mnist-robust --threat linf:0.1 --attacks noise --no-checks --resume state --json "
    let first = try Command.run(line: words + "/dev/full --count 5", in: folder)
    try #require(first.status == 2 && folder.names.contains("state"), "\(first.errors)")
    let result = try Command.run(line: words + "out.json --count 8", in: folder)
    #expect(result.status == 2)
    #expect(
      result.errors.hasSuffix(
        "gibbon: state: holds another evaluation, which differs in: part of the data ('5 examples from 0 on', and now it"
          + " is '8 examples from 0 on'); expected the same, or remove the file\n"
      ), "\(result.errors)")
  }
}
