import Corruptions
import Datasets
import Files
import Images
import Insight
package import Reports
import Robustness
public import Studies

extension CorruptionResult {
  /// Writes the result as a page, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  package func page() -> HTMLDocument {
    let (plain, relative) = meanErrors
    var page = HTMLDocument(
      title: "\(subject.name) under corruptions",
      lead: """
        Of \(Format.count(accuracies.clean.total)) examples of \(data.name), the network reads \
        \(strong: Format.percent(accuracies.clean.share)) rightly as they are, and \
        \(strong: Format.percent(accuracies.meanAccuracy)) in the mean of \(Format.count(accuracies.names.count)) \
        corruptions.
        """,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    var figures: [(value: String, meaning: RichText)] = [
      (Format.percent(accuracies.clean.share), "read rightly as they are"),
      (Format.percent(accuracies.meanAccuracy), "read rightly under corruptions"),
    ]
    if let worst = accuracies.worstMeanAccuracy {
      figures.append(
        (Format.percent(worst), "in every one of \(Format.count(specification.worstOf)) draws"))
    }
    if let plain {
      figures.append((Format.percent(plain), "mean corruption error"))
    }
    page.append(.figures(figures))
    var facts: [(term: String, value: RichText)] = [
      ("model", "\(subject.form)"), ("data", "\(data.name)"),
      ("suite", "\(accuracies.suite.rawValue)"),
    ]
    if let base {
      facts += [
        ("measured against", "\(base.name)"),
        ("mean corruption error", RichText(CorruptionResult.text(plain))),
        ("relative mean corruption error", RichText(CorruptionResult.text(relative))),
      ]
    }
    facts.append(("time", RichText(Format.duration(seconds: seconds))))
    page.append(.facts(facts))
    page.append(.heading("Corruption by corruption"))
    page.append(.table(accuracyTable()))
    page.append(contentsOf: sampleBlocks)
    page.append(contentsOf: growthBlocks)
    if let drift { page.append(contentsOf: CorruptionResult.driftBlocks(drift)) }
    page.append(.heading("How to read it"))
    page.append(.list(notes))
    page.append(
      reproducing: command, specification,
      checked:
        """
        Every picture was made anew from the seed; results depend on neither the batch nor the number of threads. What \
        is drawn is a sample: other seeds give other pictures.
        """)
    return page
  }

  /// The first example under each corruption.
  private var sampleBlocks: [HTMLBlock] {
    let panels = samples.compactMap { sample in
      Bitmap(sample.picture, bounds: 0...1).map {
        ImagePanel(heading: sample.name, image: $0)
      }
    }
    guard !panels.isEmpty else { return [] }
    let rows = stride(from: 0, to: panels.count, by: 5).map { start in
      HTMLBlock.images(
        ImageRow(
          Array(panels[start..<min(start + 5, panels.count)]),
          caption: start == 0
            ? "The first example as it is, and under each corruption at its largest severity here."
            : ""
        ))
    }
    return [.heading("What it looks like")] + rows
  }

  /// The mean accuracy of each family of corruptions against the severity.
  private var growthBlocks: [HTMLBlock] {
    let rows = CorruptionRow.all
    var series: [LinePlot.Series] = []
    for family in CorruptionFamily.allCases {
      let names = rows.filter { $0.family == family }.map(\.name)
      let cells = accuracies.cells.filter {
        names.contains($0.name) && accuracies.cells(of: $0.name).count > 1
      }
      let points = Set(cells.map(\.severity)).sorted().map { severity in
        let own = cells.filter { $0.severity == severity }
        return LinePlot.Point(
          Double(severity), own.reduce(0) { $0 + $1.right.share } / Double(own.count))
      }
      guard !points.isEmpty else { continue }
      series.append(
        LinePlot.Series(
          family.rawValue, [LinePlot.Point(0, accuracies.clean.share)] + points,
          hasMarkers: true))
    }
    guard !series.isEmpty else { return [] }
    return [
      .plot(
        LinePlot(
          title: "Accuracy as corruptions grow", x: Axis("severity"),
          y: Axis("accuracy", range: 0...1, style: .percent(decimals: 0)), series: series),
        caption: "The mean over the corruptions of each kind; at 0 the examples as they are.")
    ]
  }

  /// The tables of drifts, and the least accuracy beside the mean one.
  private static func driftBlocks(_ drift: Drift) -> [HTMLBlock] {
    var blocks: [HTMLBlock] = [.heading("As the data drift")]
    if let table = stepTable(drift) {
      func line(_ name: String, _ value: (Drift.Step) -> Double) -> LinePlot.Series {
        LinePlot.Series(
          name, drift.steps.map { LinePlot.Point(Double($0.severity), value($0)) },
          hasMarkers: true)
      }
      blocks += [
        .table(table),
        .plot(
          LinePlot(
            title: "The same examples, ever more corrupted", x: Axis("severity"),
            y: Axis("accuracy", range: 0...1, style: .percent(decimals: 0)),
            series: [line("mean", \.mean), line("least", \.least)]),
          caption: "Over the corruptions that have severities."),
      ]
    }
    if let table = classTable(drift) {
      blocks += [
        .table(table),
        .paragraph(
          "How frequent classes are is drawn from a symmetric Dirichlet distribution: at 10 nearly even, at 0.1 most of the examples are of one class or two."
        ),
      ]
    }
    return blocks
  }

  private var notes: [RichText] {
    var notes: [RichText] = [
      "Shares of all examples; severity 1 is the mildest, 5 the strongest.",
      "The mean counts each corruption once, and in it each severity once.",
    ]
    if specification.worstOf > 1 {
      notes.append(
        "\(strong: "every draw"): right in all of \(Format.count(specification.worstOf)) draws, the worst of a search among random seeds. It is an upper bound of what the worst of all seeds would leave."
      )
    }
    if let base {
      notes += [
        "\(strong: "error"): errors summed over the severities, in shares of those of \(base.name); below 100 % is better than it.",
        "\(strong: "relative"): the same after the errors on examples as they are were subtracted from both: how much worse corruptions make it. Undefined where corruptions do not make \(base.name) worse.",
        "Mean corruption errors are over the \(Format.count(accuracies.commonNames.count)) corruptions that they are defined for.",
      ]
    }
    return notes
  }
}
