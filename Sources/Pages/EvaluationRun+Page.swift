import Insight
import Robustness
import Datasets
import Certificates
import Evaluation
import Models
package import Studies
package import Reports

extension EvaluationRun {
  /// The page that `--report` writes.
  package func page(_ pair: EvaluationPair? = nil) async throws -> HTMLDocument {
    let count = evaluation.records.count
    var page = HTMLDocument(
      title: "Robustness of \(request.model)",
      lead: """
        Of \(Format.count(count)) examples of \(request.data.name), the network reads \
        \(strong: Format.percent(evaluation.clean.share)) rightly as they are, and at most \
        \(strong: Format.percent(evaluation.robust.share)) when an attacker may change \(request.threat.words)\(request.data.remark(on: request.threat)).\(verified)
        """,
      footer: "Made by Gibbon \(Version.text), seed \(request.seed).")
    var figures: [(value: String, meaning: RichText)] = [
      (Format.percent(evaluation.clean.share), "read rightly as they are"),
      (Format.percent(evaluation.robust.share), "still read rightly under attack"),
    ]
    if let certification {
      figures.append(
        (Format.percent(certification.accuracy.share), "verified to be read rightly"))
    }
    // None where nobody looked.
    if !checks.isEmpty {
      figures.append(
        (
          Format.count(suspicious.count),
          suspicious.count == 1 ? "check is suspicious" : "checks are suspicious"
        ))
    }
    page.append(.figures(figures))
    if let alarm = certification?.alarm(evaluation.records, in: request.model) {
      page.append(.paragraph("\(strong: "Error"): \(alarm)."))
    }
    page.append(contentsOf: suspicions)
    page.append(
      .facts(
        [
          (request.subject.remote == nil ? "architecture" : "model", "\(request.subject.form)"),
          ("data", "\(request.data.name)"),
          ("threat", RichText(request.threatDescription)),
          ("robust accuracy", RichText(AttackRun.accuracy(evaluation.robust))),
        ] + verifiedFacts + [
          ("time", RichText(Format.duration(seconds: seconds))),
          ("forward evaluations", RichText(Format.count(evaluation.passes.forward))),
          ("backward evaluations", RichText(Format.count(evaluation.passes.backward))),
        ]))
    page.append(contentsOf: remarks)
    page.append(.heading("Attack by attack"))
    page.append(
      .paragraph(
        "Each attack is run on the examples that none before it broke, so late ones find little even if they are strong."
      ))
    page.append(.table(attackTable()))
    page.append(
      .list(
        zip(request.suite.members, request.suite.members.map(\.description)).map {
          "\(strong: $0.name): \($1)"
        }))
    page.append(contentsOf: curveBlocks())
    page.append(contentsOf: try await pictures())
    page.append(.heading("Class by class"))
    page.append(.table(classTable()))
    page.append(contentsOf: checklist())
    if let pair { page.append(contentsOf: EvaluationRun.comparison(pair)) }
    page.append(
      reproducing: request.command, request.specification,
      checked:
        """
        Every change that counts was checked to be within the limits, exactly, and \(request.subject.judgement). An attack that fails proves nothing, so the robust accuracy is an \
        \(emphasis: "upper bound").
        """)
    return page
  }

  /// The verified accuracy, to follow the lead.
  private var verified: RichText {
    guard let certification else { return "" }
    return
      " Of at least \(strong: Format.percent(certification.accuracy.share)) it is verified that no such change misleads it."
  }

  private var verifiedFacts: [(String, RichText)] {
    guard let certification else { return [] }
    return [
      ("verified accuracy", RichText(AttackRun.accuracy(certification.accuracy))),
      ("certified", RichText(certification.counts)),
    ]
  }

  /// What differs from the published evaluation.
  private var remarks: [HTMLBlock] { request.suite.remarks.map { .paragraph("Note: \($0).") } }

  private var suspicious: [Check] { checks.filter { $0.status == .suspicious } }

  private var suspicions: [HTMLBlock] {
    guard !suspicious.isEmpty else { return [] }
    return [
      .paragraph(
        "\(strong: "This number should not be believed as it is"), because of what the checklist found:"
      ),
      .list(suspicious.map { "\(strong: $0.kind.rawValue): \($0.evidence); \($0.advice)." }),
    ]
  }

  private func checklist(heading: String = "Can the number be believed?") -> [HTMLBlock] {
    guard !checks.isEmpty else { return [] }
    var table = Table(columns: [.words("check"), .words("result"), .words("evidence")])
    for check in checks {
      let status: Table.Cell =
        switch check.status {
        case .suspicious: .emphasised("suspicious")
        case .clear: "clear"
        case .unknown: "not computed"
        }
      table.append([Table.Cell(check.kind.rawValue), status, Table.Cell(check.evidence)])
    }
    return [.heading(heading), .table(table)]
  }

  private func curveBlocks() -> [HTMLBlock] {
    guard let curve else { return [] }
    let points = curve.points.map {
      LinePlot.Point($0.radius, $0.accuracy.share, band: $0.accuracy.interval)
    }
    let plot = LinePlot(
      title: "Accuracy against the radius", x: Axis("radius (\(request.norm.rawValue))"),
      y: Axis("accuracy", range: 0...1, style: .percent(decimals: 0)),
      series: [.init(request.model, points)],
      rule: .init(at: request.radius, label: "\(request.threat)"))
    return [
      .heading("At other radii"),
      .plot(
        plot,
        caption: """
          From one search after the evaluation: a change breaks its example at every radius from its size on. The band is the 95 % \
          confidence interval.
          """),
      .table(curveTable(curve)),
    ]
  }

  /// Pictures of some of the adversarial examples, as different as can be.
  private func pictures() async throws -> [HTMLBlock] {
    let found = try broken(1000).map { (example: $0.example, changed: $0.change.input) }
    let sureness =
      request.subject.knowledge == .labels ? "" : "In brackets: how sure the network is. "
    return try await request.subject.pictures(of: found, in: request.data, sureness: sureness)
  }

  private static func comparison(_ pair: EvaluationPair) -> [HTMLBlock] {
    let second = pair.second
    let name = second.request.model
    return [
      .heading("Compared with \(name)"), .table(pair.table),
      .paragraph(RichText(pair.summary + ".")),
      .paragraph(
        """
        \(name) reads \(strong: Format.percent(second.evaluation.clean.share)) rightly, and at most \
        \(strong: AttackRun.accuracy(second.evaluation.robust)) under the attacks below.
        """),
    ] + second.suspicions + second.remarks + [
      .table(second.attackTable()), .table(second.classTable()),
    ] + second.checklist(heading: "Can the number of \(name) be believed?")
  }
}
