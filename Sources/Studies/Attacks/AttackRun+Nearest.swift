import Reports
import Robustness
extension AttackRun {
  /// The median size of the nearest change that fools the model, of the examples that are right as they are; infinite
  /// where at least half of them were not broken at all.
  ///
  /// `nil` for attacks that do not look for it, and where no example is right.
  package var medianDistance: Double? {
    guard type(of: request.attack).search == .nearest else { return nil }
    let distances = outcomes.filter { isRight($0) }.map { $0.nearest?.distance ?? .infinity }
      .sorted()
    guard !distances.isEmpty else { return nil }
    let middle = distances.count / 2
    return distances.count % 2 == 1
      ? distances[middle] : (distances[middle - 1] + distances[middle]) / 2
  }

  /// The line that says it.
  package static func text(medianDistance: Double) -> String {
    "median distance    " + words(medianDistance: medianDistance)
  }

  /// The distance, or why there is none.
  package static func words(medianDistance: Double) -> String {
    medianDistance.isFinite
      ? Format.shortest((medianDistance * 1e4).rounded() / 1e4)
      : "none: half of them were not broken"
  }
}
