import Attacks
import Models
import Robustness

extension Checklist {
  /// An attack with gradients and many starts: as many passes as attacks without gradients have.
  ///
  /// A search from one start ends in a local maximum, of which sound models have some too, while chance sees all of
  /// few features. A masked gradient does not lead there from any start.
  static let patient = [
    Stage(
      APGD {
        $0.loss = .margin
        $0.restarts = 20
      }, named: "apgd-margin")
  ]

  /// How many of some examples break by gradients after all, from many starts.
  func broken(_ specimens: [Specimen], byMore shell: Shell) async throws -> Int {
    guard !specimens.isEmpty, norm != .zero, shell.model.knowledge >= .gradients else { return 0 }
    return try await shell.run(Checklist.patient, on: specimens.map(\.problem))
      .count { $0.witness != nil }
  }

  /// The same in words, if any were tried.
  static func words(_ later: Int, of tried: Int) -> String {
    tried == 0
      ? "" : "; from 20 starts gradients break \(later) of the \(tried) that were tried again"
  }

  /// The classes that the model is known to give to some input.
  var known: Set<Int> {
    Set(evaluation.verdicts.flatMap { [$0.prediction, $0.witness?.prediction] }.compactMap { $0 })
  }
}
