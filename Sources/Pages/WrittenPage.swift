import Reports
import Files
public import Studies

extension AttackRun {
  /// Writes the run as a page with pictures, whole or not at all.
  ///
  /// - Throws: What the model throws where it is asked about examples for the pictures; `FileError`.
  public func writePage(to path: String) async throws {
    try AtomicFile.write(try await page().html(), to: path)
  }
}

extension EvaluationResult {
  /// Writes the evaluation as a page with pictures, with the comparison where there are two models, whole or not at all.
  ///
  /// - Throws: What the model throws where it is asked about examples for the pictures; `FileError`.
  public func writePage(to path: String) async throws {
    try AtomicFile.write(try await first.page(pair).html(), to: path)
  }
}
