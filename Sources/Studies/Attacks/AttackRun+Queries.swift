import JSON
import Models
package import Robustness

extension AttackRun {
  /// How many of the examples an attack had broken after a number of queries.
  package struct QueriesShare: Sendable, Hashable {
    /// The number of queries for one example.
    package let queries: Int
    /// The share of the attacked examples that were broken by then.
    package let success: Double
  }

  /// The forward passes that the attack had asked for when it broke an example; `nil` where it did not.
  ///
  /// The verification of earlier attempts counts, too.
  package static func queries(of outcome: Outcome) -> Int? {
    outcome.witness.map { max($0.passes.forward - 1, 1) }
  }

  /// The share of the attacked examples that were broken after 1, 2, 5, 10 and so on queries, up to the budget.
  ///
  /// `nil` for attacks that use gradients, and where there was nothing to attack.
  package var queriesCurve: [QueriesShare]? {
    let attacked = outcomes.count { $0.cleanMargin <= 0 }
    guard type(of: request.attack).knowledge < .gradients, attacked > 0 else { return nil }
    let counts = outcomes.compactMap { AttackRun.queries(of: $0) }.sorted()
    let budget = request.attack.budget.forward
      .multipliedReportingOverflow(by: max(1, request.attack.restarts))
    let last = max(budget.overflow ? Int.max : budget.partialValue, counts.last ?? 1)
    var places: [Int] = []
    var unit = 1
    while unit <= last {
      places += [unit, 2 * unit, 5 * unit].filter { $0 < last }
      if unit > Int.max / 50 { break }
      unit *= 10
    }
    return (places + [last]).map { limit in
      let broken = counts.prefix { $0 <= limit }.count
      return QueriesShare(queries: limit, success: Proportion(broken, of: attacked).share)
    }
  }

  /// The curve as records have it.
  static func json(_ curve: [QueriesShare]) -> JSONValue {
    .array(
      curve.map { ["queries": JSONValue($0.queries), "success": JSONValue($0.success)] })
  }
}
