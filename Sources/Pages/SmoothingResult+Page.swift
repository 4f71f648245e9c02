import Files
package import Reports
import Robustness
import Smoothing
public import Studies

extension SmoothingResult {
  /// Writes the certificates as a page, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  package func page() -> HTMLDocument {
    var page = HTMLDocument(
      title: "\(modelName) under noise, certified",
      lead: """
        The class that \(modelName) most often reads under \(noise.description), on \(Format.count(examples.count)) examples \
        of \(dataName), and how far each example may be moved in \(noise.norm.rawValue.uppercased()) without that class changing.
        """,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    page.append(.table(accuracyTable))
    page.append(
      .plot(
        LinePlot(
          title: "Certified accuracy", x: Axis("radius (\(noise.norm.rawValue.uppercased()))"),
          y: Axis("certified", range: 0...1, style: .percent(decimals: 0)),
          series: [LinePlot.Series(modelName, curve, hasMarkers: specification.anytime)]),
        caption:
          "The share of examples whose label is certified within at least the radius; at 0 the accuracy under noise."
      ))
    page.append(.heading("How to read it"))
    page.append(
      .list([
        "What is certified is the classifier under noise, and not the network without it.",
        "Each statement about an example is wrong with a probability of at most \(specification.alpha); no attack that moves the example less can change it otherwise.",
        "\(Format.count(abstentions)) examples have no class: the draws did not tell one from the others.",
        specification.anytime
          ? "Draws end where a radius is decided; \(Format.count(Int(meanDraws.rounded()))) per example in the mean, at most \(Format.count(specification.draws))."
          : "Each example had \(Format.count(specification.selection)) draws to choose its class and \(Format.count(specification.draws)) to bound the probability of that.",
      ]))
    page.append(
      reproducing: command, specification,
      checked:
        """
        Bounds of probabilities are Clopper and Pearson's, or those of a sequential test that holds at every look; rounding \
        is outward.
        """)
    return page
  }

  /// The certified accuracy against the radius: at all radii at which it changes, or at those that were decided.
  private var curve: [LinePlot.Point] {
    let places =
      specification.anytime
      ? [0] + radii
      : [0] + Set(examples.filter { $0.prediction == $0.label }.map(\.radius)).sorted()
    let shown = places.filter(\.isFinite)
    return shown.map { radius in
      let share = certified(within: radius)
      return LinePlot.Point(radius, share.share, band: share.interval)
    }
  }
}
