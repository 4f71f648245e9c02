import Games
import Reports
import Studies

/// Several solvers on one game, told.
struct SolverStory: OutcomeStory {
  let comparison: SolverComparison
  let row: PlayRow

  private var steps: Int { comparison.rows.map(\.trajectory.steps).max() ?? 0 }

  var title: String {
    comparison.game == "dirac-gan"
      ? "The smallest GAN, and who can train it" : "A game that plain gradients cannot play"
  }

  var lead: RichText {
    comparison.game == "dirac-gan"
      ? """
      One number generates, one number tells it from the data. Both should come to rest at zero. Whether they do is up to \
      the solver alone.
      """
      : """
      One player wants a product low, the other wants it high; zero is the only place where neither has a reason to move. \
      Whether they get there is up to the solver alone.
      """
  }

  var blocks: [HTMLBlock] {
    let (rest, others) = (
      comparison.rows.filter(\.arrives), comparison.rows.filter { !$0.arrives }
    )
    var blocks: [HTMLBlock] = [.heading("What comes of each"), .table(table)]
    if !others.isEmpty {
      blocks += [
        .heading("Those that do not arrive"),
        .paragraph(
          "Each step goes downhill for both, and yet the path leads around the middle: every gain of one is a loss of the other."
        ),
        .plot(
          path(others),
          caption:
            "Both players' numbers; arrows show where both gradients lead. All begin at the same place."
        ),
      ]
    }
    if !rest.isEmpty {
      blocks += [
        .heading("Those that do"),
        .paragraph("They look a step ahead, remember a step back, or are pulled together."),
        .plot(path(rest), caption: "Both players' numbers, from the same place."),
      ]
    }
    blocks += [
      .heading("The distance from the middle"),
      .plot(
        distances(Array(comparison.rows.prefix(4))),
        caption: "On a logarithmic scale a constant rate is a straight line."),
      .plot(
        distances(Array(comparison.rows.dropFirst(4))),
        caption: "The other solvers, on the same scale."),
    ]
    return blocks
  }

  var checked: RichText {
    comparison.rows.contains { $0.expected != nil }
      ? """
      The measured rate is the spectral radius of one step, recovered by running the solver itself beside the middle; \
      beside it stands what the formula says. a is the step size times the singular value.
      """
      : """
      The measured rate is the spectral radius of one step, recovered by running the solver itself beside the middle.
      """
  }

  var printed: [String] {
    [
      "\(comparison.game), step size \(Format.shortest(comparison.stepSize)), \(Format.count(steps)) steps",
      table.text(),
    ]
  }

  private var table: Table {
    var columns: [Table.Column] = [.words("solver")]
    let hasFormulas = comparison.rows.contains { $0.expected != nil }
    if hasFormulas { columns += [.words("modulus of a step"), .numbers("formula")] }
    columns += [.numbers("measured"), .numbers("distance left"), .words("")]
    var table = Table(columns: columns)
    for row in comparison.rows {
      var cells = [row.solver]
      if hasFormulas {
        cells += [row.formula, row.expected.map { Format.fixed($0, decimals: 6) } ?? ""]
      }
      cells += [
        row.measured.map { Format.fixed($0, decimals: 6) } ?? "", distance(row),
        row.behavior.words,
      ]
      table.append(texts: cells)
    }
    return table
  }

  private func distance(_ row: SolverComparison.Row) -> String {
    guard row.distanceLeft.isFinite else { return "beyond all bounds" }
    return row.distanceLeft < 1e-12 ? "0" : Format.significant(row.distanceLeft, digits: 3)
  }

  /// The paths of both players' numbers, as far as they stay near.
  private func path(_ rows: [SolverComparison.Row]) -> FieldPlot {
    let reach = 3.0
    return FieldPlot(
      title: "The way from the start", x: Axis(row.seats[0].name, range: -reach...reach),
      y: Axis(row.seats[1].name, range: -reach...reach),
      arrows: comparison.field.map {
        FieldPlot.Arrow(x: $0.place[0], y: $0.place[1], dx: $0.direction[0], dy: $0.direction[1])
      },
      paths: rows.map { row in
        LinePlot.Series(row.solver, Self.near(row.trajectory.points, reach))
      })
  }

  /// The beginning of a path, until it has left the picture or a hundred moments have passed.
  private static func near(_ points: [Trajectory.Point], _ reach: Double) -> [LinePlot.Point] {
    points.prefix(100).prefix { point in
      point.profile.count == 2 && point.profile.allSatisfy { abs($0[0]) < 1.2 * reach }
    }.map { LinePlot.Point($0.profile[0][0], $0.profile[1][0]) }
  }

  private func distances(_ rows: [SolverComparison.Row]) -> LinePlot {
    LinePlot(
      title: "Distance from the middle", x: Axis("step"),
      y: Axis("distance", range: 1e-6...1e3, scale: .logarithmic),
      series: rows.map { row in
        LinePlot.Series(
          row.solver,
          row.trajectory.points.map { point in
            let numbers = point.profile.flatMap { $0 }
            return LinePlot.Point(
              Double(point.step), numbers.reduce(0) { $0 + $1 * $1 }.squareRoot())
          })
      })
  }
}

extension SolverComparison.Row {
  /// Whether the solver comes to the middle, or nearer and nearer.
  fileprivate var arrives: Bool { behavior == .converged || behavior == .converging }
}
