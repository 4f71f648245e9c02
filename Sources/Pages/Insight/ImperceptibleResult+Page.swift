import Datasets
import Files
import Images
import Insight
import Perception
package import Reports
import Robustness
public import Studies
import Tensors

extension ImperceptibleResult {
  /// Writes the comparison as a page, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  package func page() -> HTMLDocument {
    let request = run.request
    var page = HTMLDocument(
      title: "Three changes of the same length",
      lead: lead, footer: "Made by Gibbon \(Version.text), seed \(request.seed).")
    guard let typical else {
      page.append(.paragraph(RichText(absence.prefix(1).uppercased() + absence.dropFirst() + ".")))
      return page
    }
    page.append(contentsOf: pictures(of: typical))
    page.append(.heading("What people see, and what the network says"))
    page.append(.table(table()))
    if comparison.comparisons.count > 1 {
      page.append(
        .paragraph(
          "Medians over \(Format.count(comparison.comparisons.count)) pictures; the record has quartiles, too."
        ))
    }
    page.append(.list(notes))
    page.append(contentsOf: plots)
    page.append(.heading("How it was measured"))
    page.append(
      .facts([
        ("network", "\(request.model.fileName)"),
        ("data", "\(specification.attack.photo?.fileName ?? request.data.name)"),
        ("threat", RichText(request.threatDescription)), ("seed", "\(request.seed)"),
        (
          "broken",
          "\(Format.count(comparison.comparisons.count)) of \(Format.count(run.clean.count)) read rightly"
        ),
      ]))
    page.append(.paragraph("The attack: \(request.attackDescription)."))
    page.append(
      reproducing: request.command, specification,
      checked:
        """
        The adversarial change was checked to be within the limits, exactly, and \(request.subject.judgement). \
        Random noise and patch are stretched until they have its length once they are cut at the data’s bounds.
        """)
    return page
  }

  private var lead: RichText {
    let count = comparison.comparisons.count
    guard count > 0 else { return "" }
    let (adversarial, random, patch) = (right(.adversarial), right(.random), right(.patch))
    func share(_ right: (count: Int, total: Int)) -> String {
      right.total == 1
        ? (right.count == 1 ? "still read rightly" : "misread")
        : "\(Format.percent(Proportion(right.count, of: right.total).share)) still read rightly"
    }
    return """
      A network can be fooled by a change that people hardly see, while others of the same Euclidean length do it \
      no harm. With the adversarial change \
      \(count == 1 ? "this picture is" : "of \(Format.count(count)) pictures") \
      \(strong: share(adversarial)), with random noise \(strong: share(random)), with a patch \
      \(strong: share(patch)).
      """
  }

  private var notes: [RichText] {
    let bounds = run.request.bounds
    var notes: [RichText] = [
      "L0 counts pixels; L1, L2 and L∞ are of the change as a vector of values in 0…1.",
      """
      \(strong: "SSIM") and \(strong: "MS-SSIM") are 1 for equal pictures and fall as patterns are lost; \
      \(strong: "PSNR") is higher the smaller the change.
      """,
      """
      \(strong: "CIEDE2000") is how different colours look: about 1 can just be seen side by side. Grey values are \
      taken as sRGB.
      """,
    ]
    if let change = changes(.adversarial).first, 1..<5 ~= change.difference.scales {
      notes.append(
        """
        MS-SSIM has \(change.difference.scales) of its 5 scales here, for all of them need pictures of \
        \(MultiScaleSimilarity.leastSide(scales: 5)) pixels.
        """)
    }
    if bounds != 0...1 {
      notes.append(
        "Values from \(bounds.lowerBound) to \(bounds.upperBound) are spread over 0…1 for all measures."
      )
    }
    return notes
  }

  /// The picture and the three changed ones, and below them the changes.
  private func pictures(of comparison: ChangeComparison) -> [HTMLBlock] {
    let bounds = run.request.bounds
    let label = names.name(of: comparison.label)
    guard let original = Bitmap(comparison.input, bounds: bounds) else { return [] }
    var seen = [
      ImagePanel(
        heading: "as it is", image: original,
        alternative: "The picture as it is, of class \(label)",
        lines: ["\(strong: comparison.before.text(names))"])
    ]
    var added: [ImagePanel] = []
    for (place, change) in comparison.changes.enumerated() {
      let changed = comparison.changed[place]
      let difference = changed - comparison.input
      let largest = difference.normInfinity
      guard let picture = Bitmap(changed, bounds: bounds),
        let drawn = Bitmap(change: difference, radius: Float(largest))
      else { continue }
      let reading = Ranking.reading(change, names)
      let likeness = change.difference.structuralSimilarity.map {
        "SSIM \(Format.fixed($0, decimals: 3))"
      }
      let colors = Format.significant(change.difference.meanColorDifference, digits: 2)
      seen.append(
        ImagePanel(
          .rule, heading: change.kind.words, image: picture,
          alternative: "The picture with \(change.kind.words), read as \(reading)",
          lines: [
            "\(strong: reading)",
            RichText([likeness, "CIEDE2000 \(colors)"].compactMap { $0 }.joined(separator: ", ")),
          ]))
      added.append(
        ImagePanel(
          place == 0 ? nil : .rule, heading: change.kind.words, image: drawn,
          alternative: "The change by \(change.kind.words), in colours",
          lines: ["at most \(Triptych.text(largest)), length \(Triptych.text(difference.norm2))"]))
    }
    let one = self.comparison.comparisons.count == 1
    return [
      .images(
        ImageRow(
          seen,
          caption: one
            ? "In brackets how sure the network is."
            : """
            Example \(comparison.index), whose adversarial change has the median length. In brackets how sure the \
            network is.
            """)),
      .images(
        ImageRow(
          added,
          caption: """
            The changes, all of one length. \(Triptych.colours(of: comparison.input.shape)), which is written below.
            """)),
    ]
  }

  /// How reading and likeness fall as changes grow.
  private var plots: [HTMLBlock] {
    guard comparison.comparisons.count > 1 else { return [] }
    func plot(
      _ title: String, _ y: Axis, _ value: (Imperceptibility.Curve.Point) -> Double?
    ) -> LinePlot {
      LinePlot(
        title: title, x: Axis("length, as a multiple of the adversarial change’s"), y: y,
        series: comparison.curves.map { curve in
          LinePlot.Series(
            curve.kind.words,
            curve.points.compactMap { point in value(point).map { .init(point.multiple, $0) } },
            hasMarkers: true)
        }, rule: LinePlot.Rule(at: 1, label: "same length"))
    }
    var blocks: [HTMLBlock] = [
      .heading("As the changes grow"),
      .plot(
        plot(
          "What the network still reads rightly",
          Axis("share", range: 0...1, style: .percent(decimals: 0))
        ) {
          Proportion($0.right, of: $0.count).share
        },
        caption: """
          Each change is shortened or stretched along its own direction and cut at the data’s bounds. Beyond 1 the \
          adversarial one leaves the threat.
          """),
    ]
    if comparison.curves.allSatisfy({ $0.points.allSatisfy { $0.similarity != nil } }) {
      blocks.append(
        .plot(
          plot("What people see: likeness", Axis("SSIM, median", range: 0...1)) { $0.similarity },
          caption: "1 is no visible change."))
    }
    blocks.append(
      .plot(
        plot("What people see: colour", Axis("CIEDE2000, mean of a picture, median")) {
          $0.colorDifference
        },
        caption: "0 is no visible change; a patch leaves most of the picture as it is."))
    return blocks
  }
}

extension Ranking {
  /// What the model reads of a changed picture, such as `7 (99.9 %)`.
  fileprivate static func reading(_ change: ComparedChange, _ names: [String]) -> String {
    guard let label = change.prediction else { return "not a number" }
    let name = names.name(of: label)
    return change.probability.map { "\(name) (\(percent($0)))" } ?? name
  }
}
