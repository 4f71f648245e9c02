import Remote
import Reports
import Robustness

extension AttackRun {
  /// Makes sure that the run came to a result.
  ///
  /// - Parameters:
  ///   - files: Where what is finished was written.
  ///   - answers: Where the answers of a model elsewhere are kept until it comes to its end.
  /// - Throws: `BadArgument` where the model ceased to answer, or where the attack failed on every example.
  func checkEnd(keptIn files: [String], _ answers: String?) throws {
    if let unfinished {
      let total = outcomes.count + unfinished.count
      let kept =
        "\(files.joined(separator: " and ")) \(files.count == 1 ? "holds" : "hold") the \(outcomes.count) of"
        + " \(total) examples that were finished"
      let remedy =
        answers.map { ", \($0) all answers, and the same command goes on from there" } ?? ""
      throw BadArgument("\(unfinished.reason.cause); \(kept)\(remedy)")
    }
    let attacked = outcomes.filter { $0.cleanMargin <= 0 }
    guard let failure = attacked.first?.failure,
      attacked.allSatisfy({ $0.failure != nil && $0.witness == nil })
    else { return }
    throw BadArgument(
      "the attack failed on all \(Format.count(attacked.count)) examples that it was run on, so that the result says"
        + " nothing: \(failure)")
  }
}
