import Games
import Reports
import Studies

/// Rules that people answer, told.
struct StrategicStory: OutcomeStory {
  let report: StrategicReport

  /// The most people that are told.
  private static let most = 12

  private var naive: StrategicReport.Summary { report.rows[0].outcome }

  var title: String { "Who is accepted when everyone knows the rule" }

  var lead: RichText {
    """
    A rule decides who is accepted. Those it rejects change what they can, if that is cheaper than being accepted is \
    worth. A rule learnt of people as they are is then right about \
    \(strong: Format.percent(naive.gamedAccuracy)) of them instead of \(Format.percent(naive.accuracy)).
    """
  }

  var blocks: [HTMLBlock] {
    [
      .facts([
        (
          "people",
          "\(report.data): \(Format.count(report.trained)) to learn of, \(Format.count(report.judged)) to be judged on, of whom \(Format.percent(report.qualified)) are qualified"
        ),
        (
          "costs",
          "\(report.costs.shape.formula); being accepted is worth \(Format.significant(report.costs.benefit, digits: 4))"
        ),
      ]),
      .heading("Three learners"), .table(table),
      .list([
        "\(strong: "burden"): what the truly qualified pay in the mean to be accepted, of those who can be",
        "\(strong: "shut out"): the share of the truly qualified whom no change gets accepted",
        "\(strong: "recourse"): the share of the truly qualified and rejected whom a worthwhile change gets accepted",
        "\(strong: "wrongly in"): the share of those accepted in the end who are not qualified",
      ]),
      .heading("When changes get dearer"),
      .plot(
        sweep("Right decisions after everyone's answer", "accuracy") { $0.gamedAccuracy },
        caption:
          "All costs are multiplied by the factor; to the left changes cost nearly nothing, to the right nobody can afford any."
      ),
      .plot(
        sweep("What the qualified pay", "burden", style: .automatic) { $0.burden },
        caption: "The mean cost to the truly qualified who can be accepted."),
      .heading("What changes cost"), .table(prices),
      .heading("The smallest change of each"),
      .paragraph(
        """
        Of \(Format.count(report.people.count)) people that the first rule rejects, the cheapest way to be accepted. All of them \
        are in the JSON record.
        """), .table(people),
    ]
  }

  var checked: RichText {
    """
    Answers to a linear rule are exact: numbers by closed forms within the limits that occur, categories by trying all. \
    Rules were learnt of other people than they were judged on.
    """
  }

  var printed: [String] {
    [
      """
      \(report.data): learnt of \(Format.count(report.trained)), judged on \(Format.count(report.judged)), \(Format.percent(report.qualified)) qualified\
      \(report.incomplete > 0 ? "; \(Format.count(report.incomplete)) rows lack a field" : "")
      costs: \(report.costs.shape.formula); being accepted is worth \(Format.significant(report.costs.benefit, digits: 4))
      """, table.text(),
      "the smallest change of some of \(Format.count(report.people.count)) people whom the naive rule rejects\n\n"
        + report.people.prefix(6).map { "\($0.number): \($0.advice)" }.joined(separator: "\n"),
    ]
  }

  private var table: Table {
    var table = Table(columns: [
      .words("learner"), .words(""), .numbers("as they are"), .numbers("after answers"),
      .numbers("rejected who move"), .numbers("burden"), .numbers("shut out"),
      .numbers("recourse"), .numbers("wrongly in"),
    ])
    for row in report.rows {
      let outcome = row.outcome
      table.append([
        Table.Cell(row.learner.rawValue), Table.Cell(row.learner.words),
        Table.Cell(Format.percent(outcome.accuracy)),
        .emphasised(Format.percent(outcome.gamedAccuracy)),
        Table.Cell(Format.percent(outcome.moversAmongRejected)),
        Table.Cell(Format.significant(outcome.burden, digits: 3)),
        Table.Cell(Format.percent(outcome.excluded)), Table.Cell(Format.percent(outcome.recourse)),
        Table.Cell(Format.percent(outcome.gamedShare)),
      ])
    }
    return table
  }

  private func sweep(
    _ title: String, _ label: String, style: NumberStyle = .percent(decimals: 0),
    _ value: (StrategicReport.Summary) -> Double
  ) -> LinePlot {
    LinePlot(
      title: title, x: Axis("factor of all costs", scale: .logarithmic),
      y: Axis(label, style: style),
      series: report.rows.enumerated().map { place, row in
        LinePlot.Series(
          row.learner.rawValue,
          report.sweep.map { LinePlot.Point($0.factor, value($0.outcomes[place])) },
          hasMarkers: true)
      }, rule: LinePlot.Rule(at: 1, label: "as given"))
  }

  private var prices: Table {
    var table = Table(columns: [.words("feature"), .words("can change"), .numbers("price")])
    for feature in report.costs.features {
      table.append(texts: [
        feature.name, feature.change.rawValue,
        feature.change == .never ? "" : Format.significant(feature.price, digits: 4),
      ])
    }
    return table
  }

  private var people: Table {
    var table = Table(columns: [
      .numbers("person"), .words("qualified"), .words("what gets accepted"),
    ])
    for person in report.people.prefix(Self.most) {
      table.append(texts: [
        "\(person.number)", person.isQualified ? "yes" : "no", person.advice,
      ])
    }
    return table
  }
}
