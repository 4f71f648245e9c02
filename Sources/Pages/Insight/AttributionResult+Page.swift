import Datasets
import Files
import Images
import Insight
package import Reports
import Robustness
public import Studies
import Tensors

extension AttributionResult {
  /// Writes the attributions as a page with pictures, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  package func page() -> HTMLDocument {
    let isOne = examples.count == 1
    var page = HTMLDocument(
      title: "Where \(subject.name.fileName) looks", lead: lead,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    for (place, example) in examples.enumerated() {
      if !isOne { page.append(.heading(title(of: example))) }
      page.append(contentsOf: figures(of: place, isFirst: place == 0))
      page.append(.table(numbers(of: place)))
      let checks = checkTable(of: place)
      if !checks.rows.isEmpty {
        page.append(.heading("Put to the test", level: isOne ? 2 : 3))
        page.append(.table(checks))
        page.append(contentsOf: removalPlots(of: place))
      }
    }
    page.append(.heading("How to read it"))
    page.append(.list(notes))
    page.append(.heading("The methods"))
    page.append(.table(methodTable()))
    page.append(
      reproducing: command, specification,
      checked:
        """
        Sums were added up in double precision and compared with what they must be; the gap is the difference as a \
        share of that. A map tells what a method makes of this network, not what is true of the picture.
        """)
    return page
  }

  private var lead: RichText {
    guard examples.count == 1, let example = examples.first else {
      return """
        What \(Format.count(methods.count)) methods say of the score of one class, on \
        \(Format.count(examples.count)) examples.
        """
    }
    return """
      On \(example.name.fileName) the network sees \(strong: example.ranking.text(classNames)). The pictures show what the score of \
      \(strong: classNames.name(of: example.explained)) comes from, as \(methods.count == 1 ? "one method tells" : "\(Format.count(methods.count)) methods tell") it.
      """
  }

  private func title(of example: Example) -> String {
    "\(example.name): \(classNames.name(of: example.explained))"
  }

  /// The example and its maps; of a table a chart for each method.
  private func figures(of place: Int, isFirst: Bool) -> [HTMLBlock] {
    let example = examples[place]
    guard let image = Bitmap(example.input, bounds: bounds) else { return charts(of: place) }
    var panels = [
      ImagePanel(
        heading: "the input", image: image, alternative: "The input",
        lines: ["\(strong: example.ranking.text(classNames))"])
    ]
    for method in methods {
      guard
        let picture = AttributionPicture(
          method.attributions[place], over: example.input, bounds: bounds)
      else { continue }
      let balance = method.attributions[place].balance
      panels.append(
        ImagePanel(
          heading: method.name, image: picture.bitmap,
          alternative: "The map of \(method.name), in colours over the greyed input",
          lines: balance.map { ["sums to \(Format.significant($0.sum, digits: 4))"] } ?? []))
    }
    let caption: RichText =
      isFirst
      ? """
      Red speaks for \(classNames.name(of: example.explained)), blue against it. Each map has a scale of its own: colours are at \
      full strength at the 99th percentile of its magnitudes, channels are added up.
      """ : ""
    return [.images(ImageRow(panels, caption: caption, columns: panels.count == 4 ? 4 : 3))]
  }

  /// The columns that count most, method by method.
  private func charts(of place: Int) -> [HTMLBlock] {
    let most = 12
    return methods.map { method in
      let map = method.attributions[place].map
      let order = (0..<map.count).sorted {
        (abs(map[$1]), $0) < (abs(map[$0]), $1)
      }
      let bars = order.prefix(most).map {
        SignedBarChart.Bar(columns?[$0] ?? "value \($0 + 1)", Double(map[$0]))
      }
      let rest = map.count - bars.count
      return .plot(
        SignedBarChart(title: method.name, bars: bars),
        caption: rest > 0
          ? "The \(most) columns with the largest magnitudes; \(Format.count(rest)) more are not drawn."
          : "")
    }
  }

  /// The curves of deletion and insertion.
  private func removalPlots(of place: Int) -> [HTMLBlock] {
    let shown = methods.filter { $0.removals.indices.contains(place) }
    func plot(
      _ title: String, _ curve: (PixelRemoval) -> PixelRemoval.Curve, _ caption: RichText
    ) -> HTMLBlock {
      .plot(
        LinePlot(
          title: title,
          x: Axis(
            "share of the values, in the map's order", range: 0...1, style: .percent(decimals: 0)),
          y: Axis("probability", range: 0...1, style: .percent(decimals: 0)),
          series: shown.prefix(6).map { method in
            let one = curve(method.removals[place])
            return LinePlot.Series(
              method.name, zip(one.shares, one.probabilities).map { LinePlot.Point($0, $1) })
          }), caption: caption)
    }
    let rest = shown.count > 6 ? " The first six methods are drawn." : ""
    return [
      plot(
        "Deletion", \.deletion,
        "What matters most is removed first: the faster the probability falls, the better the map.\(rest)"
      ),
      plot(
        "Insertion", \.insertion,
        "What matters most is put back first: the faster the probability rises, the better the map.\(rest)"
      ),
    ]
  }

  /// The numbers of an example, without what other tables say.
  private func numbers(of place: Int) -> Table {
    var table = Table(columns: [
      .words("method"), .numbers("score"), .numbers("sum"), .numbers("should be"),
      .numbers("gap"), .numbers("passes"),
    ])
    for method in methods {
      let one = method.attributions[place]
      table.append(texts: [
        method.name,
        "\(Format.significant(one.value, digits: 4))\(one.score == .logit ? "" : " (\(one.score.rawValue))")",
        one.balance.map { Format.significant($0.sum, digits: 5) } ?? "",
        one.balance.map { Format.significant($0.expected, digits: 5) } ?? "",
        one.balance.map { AttributionResult.gap($0) } ?? "",
        Format.count(one.passes.forward + one.passes.backward),
      ])
    }
    return table
  }

  /// What each method does, and how it went.
  private func methodTable() -> Table {
    var table = Table(columns: [
      .words("method"), .words("what it tells"), .words("of the first example"), .numbers("time"),
    ])
    for (place, method) in methods.enumerated() {
      let row = try? AttributionCatalogue.row(named: method.name)
      let settings = words(of: place)
      let remarks = method.attributions.first?.remarks ?? []
      table.append(texts: [
        settings.isEmpty ? method.name : "\(method.name) (\(settings))", row?.summary ?? "",
        remarks.joined(separator: "; "), Format.duration(seconds: method.seconds),
      ])
    }
    return table
  }

  private var notes: [RichText] {
    var notes: [RichText] = [
      "The score is the class's output before the softmax (logit), unless something else is said beside it."
    ]
    if methods.contains(where: { $0.attributions.contains { $0.balance != nil } }) {
      notes.append(
        """
        Sums: integrated gradients must add up to the change of the score from the baseline to the input, relevances (lrp) to the \
        score itself but for what biases take.
        """)
    }
    if methods.contains(where: { !$0.removals.isEmpty }) {
      notes.append(
        """
        Rank with random weights: Spearman's correlation of the map's magnitudes with those of the same network with \
        all weights drawn anew. Near 1, a map says nothing of what was learned.
        """)
      notes.append(
        """
        Deletion (smaller is better) and insertion (larger is better): areas under the curves of the probability, beside the mean \
        of ten random orders with its 95 % interval.
        """)
    }
    return notes
  }
}
