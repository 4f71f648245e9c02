import Reports
import Files
package import Studies

extension EvaluationPair {
  /// What is printed below the first network's results.
  package var text: String { "\(second.text)\n\n\(table.text())\n\(verdict.terminalSafe)" }
}
