import Testing

/// What people see while the command runs.
@Suite struct ProgressTests {
  private static let line =
    "train mnist-mlp --output net.safetensors --count 400 --batch 20 --epochs 3"

  @Test func onATerminalALineTellsRateAndTimeLeft() throws {
    let folder = try Folder()
    let command = try Command(
      Self.line.split(separator: " ").map(String.init), in: folder.path, terminal: PseudoTerminal())
    let result = try command.result()
    #expect(result.status == 0)
    let shown = result.errors.split(separator: "\r\u{1B}[2K")
    let progress =
      #/train ([0-9]+) of 1200 examples, [0-9.]+/s, .+ left, epoch [1-3], loss [0-9.]+, [0-9.]+ %/#
    let steps = shown.compactMap {
      $0.wholeMatch(of: progress).flatMap { Int($0.1) }
    }
    #expect(!steps.isEmpty && steps == steps.sorted() && steps.last == 1200)
    // The line makes way for what is to stay.
    for epoch in 1...3 {
      let stays = #/epoch [1-3] of 3, loss [0-9.]+, trained on [0-9.]+ %\r\n/#
      #expect(
        shown.contains { $0.hasPrefix("epoch \(epoch) of 3") && $0.wholeMatch(of: stays) != nil })
    }
  }

  @Test func elsewhereNothingIsOverwritten() throws {
    let folder = try Folder()
    let result = try Command.run(line: Self.line, in: folder)
    #expect(result.status == 0)
    #expect(!result.errors.contains("\u{1B}") && !result.errors.contains("\r"))
    #expect(result.errorLines.count == 4 && result.errors.hasSuffix("\n"))
  }
}
