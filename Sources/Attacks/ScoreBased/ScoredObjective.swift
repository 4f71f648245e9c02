import Robustness

/// What an attack from scores climbs.
struct ScoredObjective: Sendable {
  /// `nil` for the margin, which the runner has computed already.
  private let objective: (any Objective)?

  /// Chooses the objective: without a loss the preferred one, by default the margin, and the cross-entropy towards a
  /// target class; the margin where the preferred one is not defined.
  ///
  /// - Throws: `ObjectiveError` if a loss that was asked for is not defined here.
  init(_ loss: Loss?, _ problem: Problem, outputCount: Int, preferred: Loss? = nil) throws {
    let chosen = preferred ?? (problem.goal.targetClass == nil ? .margin : .crossEntropy)
    switch loss ?? chosen {
    case .margin: objective = nil
    case let asked where loss != nil:
      objective = try problem.objective(asked, outputCount: outputCount)
    case let own:
      do {
        objective = try problem.objective(own, outputCount: outputCount)
      } catch is ObjectiveError {
        objective = nil
      }
    }
  }

  /// Whether it is the margin, which is positive where the goal is reached.
  var isMargin: Bool { objective == nil }

  /// The value at a point that was asked about.
  func value(of scores: Scores) -> Double {
    objective?.value(of: scores.outputs) ?? scores.margin
  }
}
