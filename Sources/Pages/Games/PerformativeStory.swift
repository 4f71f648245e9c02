import Games
import Reports
import Studies

/// Retraining on people who answer, told.
struct PerformativeStory: OutcomeStory {
  let report: PerformativeReport

  private var start: PerformativeComparison.Start { report.comparison.start }

  var title: String { "A model that changes what it predicts" }

  var lead: RichText {
    """
    People change some of their features to score better, the model is trained again on what they did, they change again, \
    and so on. Does that come to rest?
    """
  }

  var blocks: [HTMLBlock] {
    [
      .facts([
        ("people", "\(report.data): \(Format.count(start.count)), \(start.width) features"),
        ("can be changed", "\(report.strategic.joined(separator: ", "))"),
        (
          "before anybody answers",
          "accuracy \(Format.percent(start.accuracy, decimals: 2)), loss \(Format.fixed(start.loss, decimals: 6))"
        ),
        (
          "proved to converge",
          "below a sensitivity of gamma / beta = \(Format.significant(start.threshold, digits: 4)) (gamma \(Format.significant(start.gamma, digits: 4)), beta \(Format.significant(start.beta, digits: 5)))"
        ),
      ]),
      .heading("It depends on the learner"),
      .paragraph(
        """
        Everyone gains what the score falls by and pays for the squared change, so all move alike: by the strength times \
        the weights. Such a shift adds the same number to every score, and a bias that is not penalised takes it back. \
        An \(strong: "exact") learner is therefore at rest after \(strong: "one") round, however strongly people react.
        """),
      .paragraph(
        """
        The learner of the published experiment stops where a step lowers its loss by less than 1e-7. The stronger the \
        reaction, the worse its rows are scaled and the earlier it stops: the slow decay and the divergence are its own.
        """),
      .plot(
        gaps(penalizesBias: false),
        caption: "How far the weights move from round to round; the bias is not penalised."),
      .table(table(penalizesBias: false)),
      .heading("It depends on the bias"),
      .paragraph(
        """
        Where the bias is penalised like all other weights it cannot take the shift back. Then an exact learner, too, comes \
        to rest slowly, or not at all: it ends between two models in turn.
        """),
      .plot(
        gaps(penalizesBias: true), caption: "The same learners; the bias is penalised."),
      .table(table(penalizesBias: true)),
      .heading("At rest is not best"),
      .paragraph(
        """
        At rest (\(emphasis: "stable")) neither side has a reason to move. A learner that knows how people answer can do \
        better: it leads, and they follow (\(emphasis: "performatively optimal")). The first is an equilibrium of the game, \
        the second its Stackelberg solution. The bias is penalised here; a free one takes the whole shift back, and \
        both are the same point.
        """),
      report.comparison.leads.isEmpty
        ? .paragraph(
          "At these strengths retraining does not come to rest, so that there is nothing to compare."
        )
        : .table(leads),
      .heading("Where all is known"),
      .paragraph(
        """
        One number against a mean that follows it. Retraining, steps of a leader, and retraining on two snapshots (affine \
        risk minimisation) beside the closed forms.
        """),
      .table(families),
    ]
  }

  var checked: RichText {
    """
    The exact learner is Newton's method to rounding. Points of rest and optimal points are compared with closed forms in \
    the table above; gaps are those of the weights themselves.
    """
  }

  var printed: [String] {
    [
      """
      \(report.data): \(Format.count(start.count)) people, \(start.width) features\
      \(report.incomplete > 0 ? "; \(Format.count(report.incomplete)) rows lack a field" : "")
      gamma \(Format.shortest(start.gamma)), beta \(Format.shortest(start.beta)), gamma / beta \(Format.significant(start.threshold, digits: 10))
      before anybody answers: accuracy \(Format.significant(start.accuracy, digits: 11)), loss \(Format.significant(start.loss, digits: 11)), norm \(Format.significant(start.norm, digits: 6))
      """,
      "the bias is not penalised\n\n" + table(penalizesBias: false).text(),
      "the bias is penalised\n\n" + table(penalizesBias: true).text(),
      report.comparison.leads.isEmpty
        ? "with a penalised bias retraining does not come to rest at these strengths"
        : "at rest, and best if the learner leads; the bias is penalised\n\n" + leads.text(),
      "closed forms, and what was found\n\n" + families.text(),
    ]
  }

  private func courses(_ penalizesBias: Bool) -> [PerformativeComparison.Course] {
    report.comparison.courses.filter { $0.penalizesBias == penalizesBias }
  }

  private func name(_ course: PerformativeComparison.Course) -> String {
    "\(course.isExact ? "exact" : "published"), strength \(Format.shortest(course.strength))"
  }

  private func gaps(penalizesBias: Bool) -> LinePlot {
    LinePlot(
      title: "How far each round moves the weights", x: Axis("round"),
      y: Axis("distance", scale: .logarithmic),
      series: courses(penalizesBias).enumerated().map { place, course in
        let count = courses(penalizesBias).count / 2
        return LinePlot.Series(
          name(course),
          course.gaps.enumerated().map { LinePlot.Point(Double($0 + 1), max($1, 1e-17)) },
          color: PlotColor(rawValue: place % max(1, count)), isDashed: !course.isExact)
      })
  }

  private func table(penalizesBias: Bool) -> Table {
    var table = Table(columns: [
      .words("learner"), .numbers("strength"), .numbers("round 1"), .numbers("round 2"),
      .numbers("last round"), .numbers("factor"), .words(""),
    ])
    for course in courses(penalizesBias) {
      table.append(texts: [
        course.isExact ? "exact" : "published", Format.shortest(course.strength),
        gap(course.gaps.first), gap(course.gaps.dropFirst().first), gap(course.gaps.last),
        course.factor.map { Format.significant($0, digits: 3) } ?? "", course.behavior.words,
      ])
    }
    return table
  }

  private func gap(_ value: Double?) -> String {
    value.map { $0 == 0 ? "0" : Format.significant($0, digits: 2) } ?? ""
  }

  private var leads: Table {
    var table = Table(columns: [
      .numbers("strength"), .numbers("loss at rest"), .numbers("loss if it leads"),
      .numbers("distance"),
    ])
    for lead in report.comparison.leads {
      table.append(texts: [
        Format.shortest(lead.strength), Format.fixed(lead.stableRisk, decimals: 6),
        Format.fixed(lead.optimalRisk, decimals: 6), Format.significant(lead.distance, digits: 3),
      ])
    }
    return table
  }

  private var families: Table {
    var table = Table(columns: [
      .words("family"), .words("loss and mean"), .numbers("factor"), .numbers("stable"),
      .numbers("found"), .numbers("optimal"), .numbers("found"), .numbers("two snapshots"),
    ])
    for family in report.families {
      table.append(texts: [
        family.name, family.summary,
        family.factor.map { Format.significant($0, digits: 3) } ?? "",
        Format.significant(family.stable, digits: 6),
        family.foundStable.map { Format.significant($0, digits: 6) } ?? "leaves",
        Format.significant(family.optimal, digits: 6),
        Format.significant(family.foundOptimal, digits: 6),
        family.foundAffine.map { Format.significant($0, digits: 6) } ?? "",
      ])
    }
    return table
  }
}
