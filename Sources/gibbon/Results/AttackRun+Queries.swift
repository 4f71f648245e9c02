import JSON
import Models
import Reports
import Robustness

extension AttackRun {
  /// How many of the examples an attack had broken after a number of queries.
  struct QueriesShare: Sendable, Hashable {
    let queries: Int
    let success: Double
  }

  /// The forward passes that the attack had asked for when it broke an example; `nil` where it did not.
  ///
  /// The verification of earlier attempts counts, too.
  static func queries(of outcome: Outcome) -> Int? {
    outcome.witness.map { max($0.passes.forward - 1, 1) }
  }

  /// The share of the attacked examples that were broken after 1, 2, 5, 10 and so on queries, up to the budget.
  ///
  /// `nil` for attacks that use gradients, and where there was nothing to attack.
  var queriesCurve: [QueriesShare]? {
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

  /// The lines of the curve: queries above, shares below.
  static func text(_ curve: [QueriesShare]) -> [String] {
    let heads = curve.map { Format.count($0.queries) }
    let shares = curve.map { Format.percent($0.success) }
    let widths = zip(heads, shares).map { max($0.count, $1.count) }
    func line(_ title: String, _ cells: [String]) -> String {
      zip(cells, widths).reduce(title) { line, cell in
        line + String(repeating: " ", count: cell.1 - cell.0.count + 2) + cell.0
      }
    }
    return [line("queries          ", heads), line("broken by then   ", shares)]
  }

  /// The same on a page.
  static func blocks(_ curve: [QueriesShare]) -> [HTMLBlock] {
    guard curve.count > 1 else { return [] }
    let plot = LinePlot(
      title: "Broken examples against queries",
      x: Axis("queries for one example", scale: .logarithmic),
      y: Axis("broken", range: 0...1, style: .percent(decimals: 0)),
      series: [
        .init("broken by then", curve.map { LinePlot.Point(Double($0.queries), $0.success) })
      ])
    var table = Table(columns: [.numbers("queries"), .numbers("broken by then")])
    for point in curve {
      table.append(texts: [Format.count(point.queries), Format.percent(point.success, decimals: 1)])
    }
    return [
      .heading("How many queries it took"),
      .plot(
        plot,
        caption:
          "Of the examples that were attacked, the share that was broken after so many queries each."
      ),
      .table(table),
    ]
  }

  static func json(_ curve: [QueriesShare]) -> JSONValue {
    .array(
      curve.map { ["queries": JSONValue($0.queries), "success": JSONValue($0.success)] })
  }
}
