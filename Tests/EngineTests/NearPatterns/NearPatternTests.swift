import Tensors
import Testing

/// The engine's passes and kernels take in what they look for, leave what is only similar, and keep every function.
///
/// Each draws graphs near one pattern, nearly half of which are not it: other axes of square values, values that others
/// use too, operands exchanged.
@Suite("Random graphs near what the engine looks for")
struct NearPatternTests {
  private static let patterns =
    [
      NearPattern.foldedNormalization, .poolingFirst, .reluGradient, .fusedLayer,
      .fusedInputGradient, .knownValues, .pooledReLU, .fewChannels, .repetition,
      .batchStandardization,
    ]
  private static let count = 600

  @Test("agree with the definition, and are told apart", arguments: patterns)
  func agree(_ pattern: NearPattern) throws {
    var (found, refused) = (0, 0)
    var wrong: [String] = []
    for seed in 0..<Self.count {
      var drawing = PatternDrawing(
        pattern.numbers, pattern: pattern.testDescription, seed: seed)
      let y = try pattern.draw(&drawing)
      let run = try PatternRun(drawing, y, isLive: pattern.isLive)
      let isFound = try pattern.isFound(run)
      if isFound { found += 1 }
      if drawing.mustRefuse { refused += 1 }
      if isFound, drawing.mustRefuse { wrong.append("\(seed) (\(drawing.form)): found") }
      if !(run.difference <= 1e-5) {
        wrong.append("\(seed) (\(drawing.form)): off by \(run.difference)")
      }
    }
    print("\(pattern.testDescription): \(Self.count) graphs, \(found) found, \(refused) must not")
    #expect(wrong.isEmpty, "\(wrong.count) of \(Self.count) are wrong: \(wrong.prefix(5))")
    #expect(5 * refused >= 2 * Self.count, "only \(refused) are to be refused")
    #expect(5 * found >= Self.count, "only \(found) are found")
  }
}
