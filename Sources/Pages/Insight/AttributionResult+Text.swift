import Files
import Insight
package import Reports
import Robustness
package import Studies

extension AttributionResult {
  /// What is printed.
  package var text: String {
    var parts: [String] = []
    for (place, example) in examples.enumerated() {
      var lines = ["\(subject.name) on \(example.name)"]
      var seen = "it sees \(example.ranking.text(classNames))"
      if example.explained != example.ranking.label {
        seen += "; explained is \(classNames.name(of: example.explained))"
      }
      if let label = example.label { seen += "; the data say \(classNames.name(of: label))" }
      lines.append(seen)
      parts.append(lines.safeLines)
      parts.append(table(of: place).text())
      if !checkTable(of: place).rows.isEmpty { parts.append(checkTable(of: place).text()) }
    }
    return parts.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
      .joined(separator: "\n\n")
  }

  /// What each method says of an example, in numbers.
  package func table(of example: Int) -> Table {
    var table = Table(columns: [
      .words("method"), .words("explains"), .numbers("score"), .numbers("sum"),
      .numbers("should be"), .numbers("gap"), .numbers("passes"), .numbers("time"),
    ])
    for method in methods {
      let one = method.attributions[example]
      table.append(texts: [
        method.name, one.score.rawValue, Format.significant(one.value, digits: 4),
        one.balance.map { Format.significant($0.sum, digits: 5) } ?? "",
        one.balance.map { Format.significant($0.expected, digits: 5) } ?? "",
        one.balance.map { AttributionResult.gap($0) } ?? "",
        Format.count(one.passes.forward + one.passes.backward),
        Format.duration(seconds: method.seconds / Double(examples.count)),
      ])
    }
    return table
  }

  /// The checks of an example's maps; without rows where none were asked for.
  package func checkTable(of example: Int) -> Table {
    var table = Table(columns: [
      .words("method"), .numbers("rank with random weights"), .numbers("deletion"),
      .numbers("random order"), .numbers("insertion"), .numbers("random order"),
    ])
    for method in methods where method.removals.indices.contains(example) {
      let removal = method.removals[example]
      let rank =
        method.randomizations.indices.contains(example)
        ? Format.fixed(method.randomizations[example].whole, decimals: 2) : ""
      table.append(texts: [
        method.name, rank, Format.fixed(removal.deletion.area, decimals: 3),
        AttributionResult.random(removal.randomDeletion),
        Format.fixed(removal.insertion.area, decimals: 3),
        AttributionResult.random(removal.randomInsertion),
      ])
    }
    return table
  }

  /// A gap as a share of what should be, or as it is where that is zero.
  static func gap(_ balance: Attribution.Balance) -> String {
    balance.relativeGap.isFinite
      ? exponential(balance.relativeGap) : "\(exponential(balance.gap)) (absolute)"
  }

  /// A small number with two digits and its power of ten, such as `3.2e-06`.
  private static func exponential(_ value: Double) -> String {
    guard value > 0, value < 0.01 else { return Format.significant(value, digits: 2) }
    var (digits, power) = (value, 0)
    while digits < 0.995 {
      digits *= 10
      power += 1
    }
    return "\(Format.fixed(digits, decimals: 1))e-\(power)"
  }

  private static func random(_ orders: PixelRemoval.RandomOrders) -> String {
    let half = (orders.interval.upperBound - orders.interval.lowerBound) / 2
    return "\(Format.fixed(orders.mean, decimals: 3)) ± \(Format.fixed(half, decimals: 3))"
  }
}
