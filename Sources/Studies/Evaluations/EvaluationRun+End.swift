import Reports
import Evaluation
extension EvaluationRun {
  /// Makes sure that the attacks came to a result.
  ///
  /// - Throws: `StudyError` where one of them failed on every example and nothing was broken.
  package func checkAttacks() throws {
    let attacked = evaluation.verdicts.filter(\.isRight)
    guard let failure = attacked.first?.failure,
      attacked.allSatisfy({ $0.failure != nil && $0.witness == nil })
    else { return }
    throw StudyError(
      "an attack failed on all \(Format.count(attacked.count)) examples of \(request.model) that it was run on, so that"
        + " the result says nothing: \(failure)")
  }
}
