import Remote
import Files
import Reports
import Robustness
import JSON
extension AttackRun {
  /// Makes sure that the run came to a result.
  ///
  /// - Parameters:
  ///   - files: Where what is finished was written.
  ///   - answers: Where the answers of a model elsewhere are kept until it comes to its end.
  /// - Throws: `StudyError` where the model ceased to answer, or where the attack failed on every example.
  package func checkEnd(keptIn files: [String], _ answers: String?) throws {
    if let unfinished {
      let remedy =
        answers.map { ", \($0) all answers, and the same command goes on from there" } ?? ""
      let cause = (unfinished.reason as? RemoteError)?.cause ?? "\(unfinished.reason)"
      throw StudyError(
        "\(cause); \(kept(in: files, of: outcomes.count + unfinished.count))\(remedy)")
    }
    let attacked = outcomes.filter { $0.cleanMargin <= 0 }
    guard let failure = attacked.first?.failure,
      attacked.allSatisfy({ $0.failure != nil && $0.witness == nil })
    else { return }
    throw StudyError(
      "the attack failed on all \(Format.count(attacked.count)) examples that it was run on, so that the result says"
        + " nothing: \(failure)")
  }

  /// What is in files of a run that came to no end.
  private func kept(in files: [String], of total: Int) -> String {
    "\(files.joined(separator: " and ")) \(files.count == 1 ? "holds" : "hold") the \(outcomes.count) of"
      + " \(total) examples that were finished"
  }

  /// Writes what is finished of a run that was interrupted, where no result of an earlier one is in the way.
  ///
  /// - Returns: What happened.
  package func interruption(_ json: String?, _ save: String?) -> String {
    let files = [json, save].compactMap { $0 }
    guard let unfinished, !outcomes.isEmpty, !files.isEmpty else { return "interrupted" }
    func isFree(_ path: String) -> Bool { path.hasPrefix("/dev/") || !WholeFile.exists(path) }
    var written: [String] = []
    var rest: [String] = []
    for (path, bytes) in [
      (json, { Array((self.json.text(.pretty) + "\n").utf8) }),
      (save, { try witnesses().encoded(as: save ?? "") }),
    ] as [(String?, () throws -> [UInt8])] {
      guard let path else { continue }
      guard isFree(path) else {
        rest.append("\(path) is left as it was")
        continue
      }
      do {
        try AtomicFile.write(try bytes(), to: path)
        written.append(path)
      } catch { rest.append("\(error)") }
    }
    let total = outcomes.count + unfinished.count
    return (["interrupted"] + (written.isEmpty ? [] : [kept(in: written, of: total)]) + rest)
      .joined(separator: "; ")
  }
}
