import Games
import Reports
import Studies

/// A game of payoffs, told.
struct MatrixStory: OutcomeStory {
  let analysis: MatrixAnalysis

  private var game: MatrixGame { analysis.game }
  private var equilibrium: Equilibrium { analysis.equilibrium }

  var title: String {
    "A game of \(Format.count(game.payoffs.rows)) rows and \(Format.count(game.payoffs.columns)) columns"
  }

  var lead: RichText {
    game.isZeroSum
      ? """
      What one wins the other loses. Played well by both, the row player gains \
      \(strong: Format.significant(equilibrium.values[0], digits: 4)) in the mean.
      """
      : """
      Both have payoffs of their own. In the equilibrium below neither gains by leaving it alone; there may be others.
      """
  }

  var blocks: [HTMLBlock] {
    var blocks: [HTMLBlock] = [
      .figures(figures), .heading("How both should play"), .table(strategies),
    ]
    if let all = analysis.extreme, all.count > 1 {
      blocks += [.heading("All extreme equilibria"), .paragraph(extremes(all))]
      if all.count <= 16 { blocks.append(.table(table(of: all))) }
    }
    blocks += [
      .heading("How players who learn come there"),
      .paragraph(
        "Both repeat the game and adapt. What they play in a round need not settle, but in a zero-sum game the averages of all rounds do."
      ),
      .plot(
        plot,
        caption: "How much both together could still gain by leaving, measured by best responses."),
      .table(courses),
    ]
    return blocks
  }

  var checked: RichText {
    """
    Exploitability is measured by best responses to what is printed here, and is never below zero: the equilibrium's is \
    \(Format.significant(equilibrium.exploitability.total, digits: 2)).
    """
  }

  var printed: [String] {
    var lines = [
      "\(Format.count(game.payoffs.rows)) rows, \(Format.count(game.payoffs.columns)) columns, \(game.isZeroSum ? "zero-sum" : "two payoffs")",
      game.isZeroSum
        ? "value \(Format.significant(equilibrium.values[0], digits: 10))"
        : "payoffs \(equilibrium.values.map { Format.significant($0, digits: 10) }.joined(separator: " and "))",
      "exploitability \(Format.significant(equilibrium.exploitability.total, digits: 3)), by best responses",
    ]
    if let all = analysis.extreme {
      lines.append("\(all.count) extreme \(all.count == 1 ? "equilibrium" : "equilibria")")
    }
    return [lines.joined(separator: "\n"), strategies.text(), courses.text()]
  }

  private var figures: [(value: String, meaning: RichText)] {
    var figures: [(value: String, meaning: RichText)] = []
    if game.isZeroSum {
      figures.append(
        (Format.significant(equilibrium.values[0], digits: 4), "the value of the game"))
    } else {
      figures.append(
        (Format.significant(equilibrium.values[0], digits: 4), "the row player's gain"))
      figures.append(
        (Format.significant(equilibrium.values[1], digits: 4), "the column player's gain"))
    }
    if let all = analysis.extreme {
      figures.append(
        (Format.count(all.count), all.count == 1 ? "equilibrium" : "extreme equilibria"))
    }
    return figures
  }

  private func name(_ names: [String], _ place: Int) -> String {
    names.isEmpty ? "\(place + 1)" : names[place]
  }

  /// What is played at all, most likely first.
  private var strategies: Table {
    var table = Table(columns: [.words("player"), .words("action"), .numbers("probability")])
    for (player, names, mixture) in [
      ("row", analysis.rowNames, equilibrium.rows),
      ("column", analysis.columnNames, equilibrium.columns),
    ] {
      let played = mixture.indices.filter { mixture[$0] > 1e-12 }
        .sorted { (mixture[$1], $0) < (mixture[$0], $1) }
      for (place, action) in played.prefix(20).enumerated() {
        table.append(texts: [
          place == 0 ? player : "", name(names, action),
          Format.fixed(mixture[action], decimals: 6),
        ])
      }
      if played.count > 20 {
        table.append(texts: ["", "\(played.count - 20) more", ""])
      }
    }
    return table
  }

  private func extremes(_ all: [Equilibrium]) -> RichText {
    game.isZeroSum
      ? """
      There are \(Format.count(all.count)) pairs of extreme strategies, all with the same value; any mixture of rows with any \
      mixture of columns among them is an equilibrium as well.
      """
      : """
      There are \(Format.count(all.count)). Of degenerate games mixtures of some of them are equilibria as well.
      """
  }

  private func table(of all: [Equilibrium]) -> Table {
    var table = Table(columns: [
      .words("rows"), .words("columns"), .numbers("row gains"), .numbers("column gains"),
    ])
    for one in all {
      table.append(texts: [
        support(one.rows, analysis.rowNames), support(one.columns, analysis.columnNames),
        Format.significant(one.values[0], digits: 4), Format.significant(one.values[1], digits: 4),
      ])
    }
    return table
  }

  private func support(_ mixture: [Double], _ names: [String]) -> String {
    mixture.indices.filter { mixture[$0] > 1e-9 }.map {
      mixture[$0] > 1 - 1e-9
        ? name(names, $0) : "\(name(names, $0)) \(Format.significant(mixture[$0], digits: 3))"
    }.joined(separator: ", ")
  }

  private var courses: Table {
    var table = Table(columns: [
      .words("solver"), .numbers("rounds"), .numbers("exploitability of averages"),
      .numbers("allowed by theory"), .words("rounds themselves"),
    ])
    for course in analysis.courses {
      table.append(texts: [
        course.solver, Format.count(analysis.rounds),
        course.points.last.map { Format.significant($0.average, digits: 3) } ?? "",
        course.bound.map { Format.significant($0, digits: 3) } ?? "", course.behavior.words,
      ])
    }
    return table
  }

  private var plot: LinePlot {
    var series: [LinePlot.Series] = analysis.courses.map { course in
      LinePlot.Series(
        "\(course.solver), averages",
        course.points.map { LinePlot.Point(Double($0.round), $0.average) })
    }
    if let course = analysis.courses.first(where: { $0.bound != nil }), let bound = course.bound {
      series.append(
        LinePlot.Series(
          "its bound in the end",
          [LinePlot.Point(1, bound), LinePlot.Point(Double(analysis.rounds), bound)], color: .grey,
          isDashed: true))
    }
    return LinePlot(
      title: "What both could still gain", x: Axis("round", scale: .logarithmic),
      y: Axis("exploitability", scale: .logarithmic), series: series)
  }
}
