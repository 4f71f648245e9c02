import Files
import Insight
import Reports
package import Studies

extension ExplainResult {
  /// What is printed.
  package var text: String {
    let parts = examples.map { example in
      let texts = [example.attribution?.text, example.change?.text, example.morph?.text]
        .compactMap(\.self)
      let seen = "\(example.name): \(example.ranking.text(classNames))"
      return ([seen.terminalSafe] + texts).joined(separator: "\n\n")
    }
    return parts.joined(separator: "\n\n\n")
      + "\n\ntime \(Format.duration(seconds: seconds)) in all"
  }
}
