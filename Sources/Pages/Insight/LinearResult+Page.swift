import Files
import Insight
package import Reports
import Robustness
public import Studies

extension LinearResult {
  /// Writes the page, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  package func page() -> HTMLDocument {
    let plain = defences[0]
    func share(_ errors: Int) -> String {
      Format.percent(Proportion(errors, of: plain.count).share, decimals: 1)
    }
    var page = HTMLDocument(
      title: "Why many small changes add up",
      lead: """
        A linear score moves by ε‖w‖₁ where every value moves by ε along the sign of its weight, and only by ε‖w‖₂ under \
        random signs. The ratio of both grows like the root of the number of values, so inputs of many values are easily \
        fooled. A linear model of \(classNames.joined(separator: " against ")) errs on \
        \(strong: share(plain.errors)) of the examples, and on \(strong: share(plain.attackedErrors)) once each pixel has \
        moved by \(Format.shortest(radius)).
        """,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    page.append(.heading("The more values, the farther"))
    page.append(
      .plot(
        ratioPlot,
        caption: """
          Both axes are logarithmic, so a power law is a straight line; the dashed one is √(2n/π), what normal weights have in \
          the limit.
          """))
    page.append(.table(slopeTable))
    page.append(.table(dimensionTable))
    page.append(
      .plot(
        shiftPlot,
        caption: """
          What ε = \(Format.shortest(radius)) does to normal weights of variance 1. Points are measured, dashed lines the closed \
          forms ε‖w‖₁ and ε‖w‖₂.
          """))
    page.append(
      .list([
        """
        The shift of linear models, computed in double precision whatever the data’s range, is the closed form to within \
        \(Format.significant(largestShiftError, digits: 2)) of it.
        """,
        """
        Pictures of \(side) pixels were resampled to \(specification.sizes.replacing(",", with: ", ")) pixels, and each model \
        was trained anew for each size. The gradient’s prediction for networks is of the lead of the right \
        class; where the measured power is less, a change of ε leaves the region in which the network is nearly linear.
        """,
      ]))
    page.append(.heading("Linear models under change"))
    page.append(
      .plot(
        defencePlot,
        caption: """
          Test error within each size of change, by the closed form, whatever the data’s range.
          """))
    page.append(.table(defenceTable))
    var notes: [RichText] = [
      """
      \(strong: "At \(Format.shortest(radius))") every value moves by that much; \(strong: "in the range") it is cut at the \
      data’s range besides, which protects black and white pixels. Both are exact for linear models.
      """,
      """
      The \(strong: "robust loss") is the mean of log(1 + exp(−(y(w·x + b) − ε‖w‖₁))) over the training examples: the penalty is \
      inside, and fades for examples that are read rightly with room to spare. Weight decay keeps on pulling.
      """,
    ]
    if let trainingDifference {
      notes.append(
        """
        Adversarial training, which moves examples and never sees the closed form, leaves the same weights to within \
        \(Format.significant(trainingDifference, digits: 2)): at the worst change the gradient of the loss is that of the \
        worst loss.
        """)
    }
    page.append(.list(notes))
    page.append(.heading("A network is nearly linear, too"))
    page.append(contentsOf: linePlots)
    page.append(
      reproducing: command, specification,
      checked: """
        Shifts were computed from moved inputs, not from the closed form that they are compared with.
        """)
    return page
  }

  private var ratioPlot: LinePlot {
    let reference = LinePlot.Series(
      "√(2n/π)",
      dimensions.map { .init(Double($0), (2 * Double($0) / .pi).squareRoot()) },
      color: .grey, isDashed: true)
    let series = models.map { model in
      LinePlot.Series(
        name(model),
        dimensions.map { count in
          let ratios = rows(model, count).map(\.ratio)
          return .init(Double(count), ratios.reduce(0, +) / Double(ratios.count))
        }, hasMarkers: true)
    }
    return LinePlot(
      title: "Shift along the signs over shift by random signs",
      x: Axis("number of values n", scale: .logarithmic), y: Axis("ratio", scale: .logarithmic),
      series: [reference] + series)
  }

  private var shiftPlot: LinePlot {
    func mean(_ value: (DimensionRow) -> Double) -> [LinePlot.Point] {
      dimensions.map { count in
        let values = rows(Self.gaussian, count).map(value)
        return .init(Double(count), values.reduce(0, +) / Double(values.count))
      }
    }
    return LinePlot(
      title: "How far a score moves", x: Axis("number of values n", scale: .logarithmic),
      y: Axis("shift of the score", scale: .logarithmic),
      series: [
        LinePlot.Series("ε‖w‖₁", mean(\.predictedShift), color: .vermilion, isDashed: true),
        LinePlot.Series("along the signs", mean(\.shift), color: .vermilion, hasMarkers: true),
        LinePlot.Series("ε‖w‖₂", mean(\.predictedNoise), color: .blue, isDashed: true),
        LinePlot.Series("random signs", mean(\.noise), color: .blue, hasMarkers: true),
      ])
  }

  private var defencePlot: LinePlot {
    // The weakest decay and the twin of the closed form are in the table; six colours can be told apart.
    let shown = defences.filter {
      $0.training.l2 != 0.01 && ($0.training.robust == 0 || $0.training.adversary == .closedForm)
    }
    return LinePlot(
      title: "Error of linear models", x: Axis("ε, the largest change of a value"),
      y: Axis("test error", range: 0...1, style: .percent(decimals: 0)),
      series: shown.map { defence in
        LinePlot.Series(
          Self.name(defence.training),
          defence.curve.map {
            .init($0.size, Proportion($0.errors, of: defence.count).share)
          })
      }, rule: LinePlot.Rule(at: radius, label: "ε = \(Format.shortest(radius))"))
  }

  /// The logits of one example and the lead with its straight pieces.
  private var linePlots: [HTMLBlock] {
    guard let typical, let linearity else { return [] }
    let places = typical.lead.places
    let scores = LinePlot(
      title: "Scores of example \(typical.index) along the signs of the gradient",
      x: Axis("ε, change of every value along the signs"), y: Axis("score (logit)"),
      series: classes(of: typical).map { output, name, color in
        LinePlot.Series(
          name, zip(places, typical.logits[output]).map { .init($0, $1) }, color: color)
      }, rule: LinePlot.Rule(at: 0, label: "as it is"))
    let knots = typical.knots
    let lead = LinePlot(
      title: "The lead of the right class",
      x: Axis("ε, change of every value along the signs"), y: Axis("lead over the next class"),
      series: [
        LinePlot.Series(
          "lead", zip(places, typical.lead.values).map { .init($0, $1) }, color: .blue),
        LinePlot.Series(
          "straight pieces", knots.map { .init(places[$0], typical.lead.values[$0]) },
          color: .vermilion, isDashed: true, hasMarkers: true),
      ], rule: LinePlot.Rule(at: 0, label: "as it is"))
    return [
      .plot(
        scores,
        caption:
          "The class of the example is \(outputNames.name(of: typical.label)); of all followed ones its linearity is the median."
      ),
      .plot(
        lead,
        caption: """
          The fewest straight pieces that miss the lead by at most \(Format.percent(AttackedLine.tolerance, decimals: 0)) of \
          its range.
          """),
      .paragraph(
        """
        Over \(Format.count(lines.count)) examples of \(validationName), a straight line explains \
        \(strong: Format.percent(linearity.median, decimals: 1)) of the lead’s variance in the median (middle half: \
        \(Format.percent(linearity.lower, decimals: 1)) to \(Format.percent(linearity.upper, decimals: 1))), and \(pieces) \
        straight pieces are enough.
        """),
    ]
  }

  /// The classes of a line in the order of drawing: the others in grey, then the next one, then its own.
  private func classes(of line: AttackedLine) -> [(output: Int, name: String, color: PlotColor)] {
    let middle = AttackedLine.count / 2
    let others = line.logits.indices.filter { $0 != line.label }
      .sorted { line.logits[$0][middle] < line.logits[$1][middle] }
    guard let next = others.last else { return [] }
    return others.dropLast().enumerated().map { place, output in
      (output, place == 0 ? "other classes" : "", .grey)
    } + [
      (next, "\(outputNames.name(of: next)), the next", .blue),
      (line.label, "\(outputNames.name(of: line.label)), its class", .vermilion),
    ]
  }

  /// The line whose linearity is the median.
  private var typical: AttackedLine? {
    let sorted = lines.sorted { ($0.linearity, $0.index) < ($1.linearity, $1.index) }
    return sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2]
  }
}
