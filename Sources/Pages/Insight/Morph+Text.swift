import Files
import Insight
import Reports
package import Studies

extension MorphResult {
  /// What is printed.
  package var text: String {
    let toward = target.map { "toward \(classNames.name(of: $0))" } ?? "toward each class"
    let lines =
      [
        "\(source.fileName), \(toward)", "seed \(specification.seed)",
        "",
      ]
      + table.text().split(separator: "\n").map(String.init)
      + [
        "", "least    the nearest input found that the network takes for the class",
        "noise    how often noise of the same L2 length as the least change changes what is seen",
        "large    how sure the network is at most within the budget, twice the longest least change by default",
        "time     \(Format.duration(seconds: seconds))",
      ]
    return lines.safeLines
  }

  /// The numbers of all changes, a row for each network and class.
  var table: Table {
    var table = Table(columns: [
      .words("network"), .words("sees"), .words("toward"), .numbers("least L2"),
      .numbers("least L∞"), .numbers("noise"), .numbers("budget"), .numbers("large L2"),
      .numbers("large"),
    ])
    for network in morphs {
      let seen = "\(classNames.name(of: network.source)) (\(Ranking.percent(network.probability)))"
      for (place, morph) in network.morphs.enumerated() {
        table.append(texts: [
          place == 0 ? network.model.fileName : "", place == 0 ? seen : "",
          classNames.name(of: morph.target), number(morph.least?.length),
          number(morph.least?.largest),
          morph.least?.noise.first.map { Format.percent($0.changedShare, decimals: 0) } ?? "",
          number(morph.budget), number(morph.large?.length),
          Ranking.percent(morph.large?.probability),
        ])
      }
      if network.morphs.isEmpty {
        table.append(texts: [network.model.fileName, seen, "seen already", "", "", "", "", "", ""])
      }
    }
    return table
  }

  /// A length with three significant digits; a dash for none.
  func number(_ length: Double?) -> String {
    length.map { Format.significant($0, digits: 3) } ?? "–"
  }
}
