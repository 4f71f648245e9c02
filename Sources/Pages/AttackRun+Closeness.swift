import Models
import Robustness
import Reports
import Studies
extension AttackRun {
  /// How near the attack came, and how often it had to try.
  func closeness() -> [HTMLBlock] {
    var blocks: [HTMLBlock] = []
    let leads = outcomes.filter { isRobust($0) && $0.margin.isFinite }.map { -$0.margin }.sorted()
    if let least = leads.first, request.subject.knowledge > .labels {
      let lead =
        if request.isAboutClasses {
          "the right class still leads"
        } else if request.aim.ignoresLabels {
          "the outputs fall short of the goal"
        } else { "what is right still holds" }
      let middle = leads[leads.count / 2]
      blocks.append(
        .paragraph(
          """
          Among the examples that held, \(lead) by \
          \(Format.fixed(middle, decimals: 2)) in the median and by \
          \(Format.fixed(least, decimals: 2)) at least, at the worst point found.
          """))
    }
    var attempts: [Int: Int] = [:]
    for case let witness? in outcomes.map(\.witness) { attempts[witness.restart, default: 0] += 1 }
    if request.attack.restarts > 1, !attempts.isEmpty {
      blocks.append(
        .plot(
          BarChart(
            title: "The attempt that broke an example",
            bars: (0..<min(request.attack.restarts, 20)).map { restart in
              BarChart.Bar("attempt \(restart + 1)", Double(attempts[restart] ?? 0))
            }, style: .fixed(decimals: 0)),
          caption: "Where late attempts still break examples, more of them would break more."))
    }
    return blocks.isEmpty ? [] : [.heading("How near it came")] + blocks
  }
}
