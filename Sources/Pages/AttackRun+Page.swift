import Datasets
import Insight
import Models
package import Reports
import Robustness
package import Studies

extension AttackRun {
  /// The page that `--report` writes.
  package func page() async throws -> HTMLDocument {
    let broken = outcomes.filter { $0.adversarialExample != nil }
    var page = HTMLDocument(
      title: "Attack on \(request.model)",
      lead: lead(broken.count),
      footer: "Made by Gibbon \(Version.text), seed \(request.seed).")
    let isAboutOutputs = request.goalRule.ignoresLabels
    let figures: [(value: String, meaning: RichText)] = [
      isAboutOutputs
        ? (Format.count(outcomes.count), "examples, whatever their labels")
        : (Format.percent(clean.share), "\(right) as they are"),
      isAboutOutputs
        ? (Format.percent(robust.share), "kept their outputs under the attack")
        : request.target == nil
          ? (Format.percent(robust.share), "still \(right) under the attack")
          : (
            Format.percent(robust.share),
            "\(right) before, and not made to be of the target’s class"
          ),
      (Format.count(broken.count), "of \(Format.count(outcomes.count)) examples broken"),
    ]
    page.append(.figures(figures))
    page.append(contentsOf: warnings(broken.count))
    var facts: [(term: String, value: RichText)] = [
      (request.subject.remote == nil ? "architecture" : "model", "\(request.subject.form)"),
      ("data", "\(request.data.name)"),
      ("threat", RichText(request.threat.description + request.data.remark(on: request.threat))),
      ("seed", "\(request.seed)"),
      (
        isAboutOutputs || request.target != nil ? "held" : "robust accuracy",
        RichText(AttackRun.accuracy(robust))
      ),
    ]
    if let choices = brokenByChoice { facts.append(("broken", RichText(choices))) }
    if let distance = medianDistance {
      facts.append(("median distance", RichText(AttackRun.words(medianDistance: distance))))
    }
    facts += [
      ("time", RichText(Format.duration(seconds: seconds))),
      ("forward evaluations", RichText(Format.count(passes.forward))),
      ("backward evaluations", RichText(Format.count(passes.backward))),
    ]
    if let asked = request.subject.asked {
      facts.append(("inputs asked about", RichText(Format.count(asked))))
    }
    page.append(.facts(facts))
    page.append(.paragraph("The attack: \(request.attackDescription)."))
    if let radii = request.radii {
      page.append(
        .paragraph(
          """
          Single examples have their own radius instead of the threat’s, \
          \(Format.count(radii.radii.count)) of them in \(code: radii.path).
          """))
    }
    if let meaning = request.goalRule.rightMeans(request.data.targetKind) {
      page.append(.paragraph("An example is right where this holds: \(meaning)."))
    }
    if let surenessRule {
      page.append(
        .paragraph(
          "Here \(surenessRule). Less surely, \(Format.count(lessSureCount)) more were fooled."))
    }
    if request.isAboutClasses {
      page.append(contentsOf: try await pictures())
      page.append(.heading("Class by class"))
      page.append(.table(classTable()))
    }
    if let queriesCurve { page.append(contentsOf: AttackRun.blocks(queriesCurve)) }
    page.append(contentsOf: closeness())
    page.append(
      reproducing: request.command, request.specification,
      checked:
        """
        Every change that counts was checked to be within the limits, exactly, and \(request.subject.judgement). An attack that fails proves nothing: a stronger one may find more, so the share that held \
        is an \(emphasis: "upper bound").
        """)
    return page
  }

  /// What examples are that nothing is wrong with.
  private var right: String { request.isAboutClasses ? "read rightly" : "right" }

  /// What an attacker may change.
  private var change: String {
    request.threat.words + request.data.remark(on: request.threat)
      + (request.levels.map { ", rounded to \($0.values.count) levels" } ?? "")
  }

  private func lead(_ broken: Int) -> RichText {
    let what = "\(Format.count(outcomes.count)) examples of \(request.data.name)"
    if let target = request.target {
      let name = request.data.classNames.name(of: target)
      return """
        An attacker may change \(change). Of \(what), \
        \(strong: Format.count(broken)) could so be made to be read as \(name).
        """
    }
    if let aimed = request.goalRule.change {
      return """
        An attacker may change \(change). Of \(what), \(strong: Format.count(broken)) could so be \
        brought to this: \(aimed).
        """
    }
    return """
      Of \(what), \(strong: Format.percent(clean.share)) are \(right) as they are, and \
      \(strong: Format.percent(robust.share)) when an attacker may change \(change).
      """
  }

  private func warnings(_ broken: Int) -> [HTMLBlock] {
    var warnings: [RichText] = []
    if let failure = failures.first?.failure {
      warnings.append(
        """
        \(strong: "The attack itself failed on \(Format.count(failures.count)) examples"), which count \
        as not broken: \(failure.description).
        """)
    }
    if broken == 0 {
      let reason: RichText =
        if clean.count == 0 && request.target == nil && !request.goalRule.ignoresLabels {
          "There was nothing to break: no example is \(right) as it is."
        } else if request.threat.isEmpty && request.radii == nil {
          "Nothing may change: the radius is 0."
        } else if failures.count == outcomes.count {
          "The attack never came to its end, so the result says nothing."
        } else {
          "The attack broke nothing. A larger radius, more steps or another attack may."
        }
      warnings.append(reason)
    }
    return warnings.map { .paragraph($0) }
  }

  /// What the shares in brackets are, where the model reveals any.
  private var sureness: String {
    if request.subject.knowledge == .labels { return "" }
    // What all examples share stops for none of them.
    if shared != nil { return "In brackets: how sure the network is. " }
    let habit =
      type(of: request.attack).search == .minimumNorm
      ? "looks for the nearest change, so that is barely"
      : request.confidence.map { "stops as soon as that is more than \($0.words)" }
        ?? "stops as soon as it succeeds, so that is often barely"
    return "In brackets: how sure the network is; the attack \(habit). "
  }

  /// Pictures of some of the adversarial examples, as different as can be.
  private func pictures() async throws -> [HTMLBlock] {
    let found = try outcomes.indices.lazy.filter {
      outcomes[$0].adversarialExample != nil && outcomes[$0].prediction == outcomes[$0].label
    }.prefix(1000).compactMap { place in
      try outcomes[place].adversarialExample.map {
        (example: try example(place), changed: $0.input)
      }
    }
    return try await request.subject.pictures(of: found, in: request.data, sureness: sureness)
  }

  /// Accuracy class by class.
  func classTable() -> Table {
    let names = request.data.classNames
    var table = Table(columns: [
      .words("class"), .numbers("examples"), .numbers("rightly read"), .numbers("under attack"),
      .words("most often taken for"),
    ])
    for label in Set(positions.map(request.data.label(at:))).sorted() {
      let own = outcomes.filter { $0.label == label }
      let right = Proportion(own.count { $0.prediction == label }, of: own.count)
      let held = Proportion(own.count { isRobust($0) }, of: own.count)
      table.append(texts: [
        names.name(of: label), Format.count(own.count), Format.percent(right.share),
        Format.percent(held.share),
        names.mostOften(own.map { $0.adversarialExample?.prediction }),
      ])
    }
    return table
  }

  /// The lines of the curve: queries above, shares below.
  package static func text(_ curve: [QueriesShare]) -> [String] {
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
  package static func blocks(_ curve: [QueriesShare]) -> [HTMLBlock] {
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

  /// How near the attack came, and how often it had to try.
  func closeness() -> [HTMLBlock] {
    var blocks: [HTMLBlock] = []
    let leads = outcomes.filter { isRobust($0) && $0.margin.isFinite }.map { -$0.margin }.sorted()
    if let least = leads.first, request.subject.knowledge > .labels {
      let lead =
        if request.isAboutClasses {
          "the right class still leads"
        } else if request.goalRule.ignoresLabels {
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
    for case let adversarialExample? in outcomes.map(\.adversarialExample) {
      attempts[adversarialExample.restart, default: 0] += 1
    }
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
