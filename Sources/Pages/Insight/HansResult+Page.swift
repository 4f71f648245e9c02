import Datasets
import Files
import Images
import Insight
package import Reports
import Robustness
public import Studies
import Tensors

extension HansResult {
  /// Writes the page, whole or not at all.
  ///
  /// - Throws: `FileError`; `DatasetError` where pictures can no longer be read.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  ///
  /// - Throws: `DatasetError` where pictures can no longer be read.
  package func page() throws -> HTMLDocument {
    var page = HTMLDocument(
      title: cues.isEmpty ? "No Clever Hans was found" : "A Clever Hans was found",
      lead: "\(verdict)",
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    if let demonstration {
      page.append(.heading("What was planted, and what became of it"))
      page.append(.paragraph("\(demonstration.sentence)"))
      page.append(.table(demonstration.table))
    }
    page.append(.heading("The classes"))
    page.append(.table(classTable))
    if !cues.isEmpty { page.append(.table(cueTable)) }
    for finding in findings where isShown(finding) { try append(finding, to: &page) }
    page.append(.heading("How to read it"))
    page.append(.list(notes))
    page.append(
      reproducing: command, specification,
      checked: """
        Each flip was counted by running the network on the changed picture. That no cue was found is no proof that there \
        is none: one that moves about, or that comes with other values each time, is not looked for.
        """)
    return page
  }

  /// Classes with cues are shown, and all where there are few.
  private func isShown(_ finding: CueFindings) -> Bool {
    !finding.cues.isEmpty || findings.count <= 3
      || (cues.isEmpty && finding.label == findings.first?.label)
  }

  private func append(_ finding: CueFindings, to page: inout HTMLDocument) throws {
    let name = classNames.name(of: finding.label)
    page.append(.heading("Class \(name)"))
    for (number, found) in finding.cues.enumerated() {
      page.append(.paragraph("\(sentence(found, name, number + 1, of: finding.cues.count))"))
      if let row = try row(found, name) { page.append(.images(row)) }
      if let row = try removal(found, name) { page.append(.images(row)) }
    }
    page.append(.heading("Clusters of relevance", level: 3))
    page.append(.table(clusterTable(finding)))
    for (number, cluster) in finding.clusters.enumerated() {
      if let row = try row(cluster, number + 1) { page.append(.images(row)) }
    }
    page.append(
      .plot(
        LinePlot(
          title: "Eigenvalues", x: Axis("number"), y: Axis("eigenvalue"),
          series: [
            .init(
              "class \(name)",
              finding.eigenvalues.enumerated().map { LinePlot.Point(Double($0 + 1), $1) },
              hasMarkers: true)
          ]),
        caption: "As many near 0 as there are groups that hang together."))
  }

  private func sentence(_ found: FoundCue, _ name: String, _ number: Int, of count: Int) -> String {
    let trial = found.trial
    return
      (count == 1 ? "The cue" : "Cue \(number)")
      + " is in \(Format.percent(found.inClass.share)) of the class's pictures and in"
      + " \(Format.percent(found.inOthers.share)) of others. Put on \(trial.flips.total) pictures of other classes,"
      + " it makes \(Format.percent(trial.flips.share)) of them \(name); pixels of other pictures at the same place do so"
      + " with \(Format.percent(trial.control.share)). The network reads \(Format.percent(found.readWith.share)) of the"
      + " pictures with it rightly, and \(Format.percent(found.readWithout.share)) once it is removed."
      + " \(Format.percent(found.relevanceShare)) of their relevance lies on \(Format.percent(found.areaShare)) of the"
      + " picture."
  }

  /// The cue, then pictures of other classes that it flips.
  private func row(_ found: FoundCue, _ name: String) throws -> ImageRow? {
    let blank = Tensor(found.cue.background, shape: found.cue.shape)
    let change = found.cue.pasted(on: blank) - blank
    guard let drawn = Bitmap(change: change, radius: Float(max(change.normInfinity, 1e-6))) else {
      return nil
    }
    var panels = [
      ImagePanel(
        heading: "the cue", image: drawn,
        alternative: "What the cue changes in an empty picture",
        lines: ["\(found.cue.touchedCount) values"])
    ]
    for position in found.flipped.prefix(4) {
      guard
        let picture = Bitmap(
          found.cue.pasted(on: try data.image(at: position)), bounds: data.bounds)
      else { continue }
      let label = classNames.name(of: data.label(at: position))
      panels.append(
        ImagePanel(
          panels.count == 1 ? .rule : nil, heading: "\(label) + cue", image: picture,
          alternative: "A picture of class \(label) with the cue, read as \(name)",
          lines: ["\(strong: "read as \(name)")"]))
    }
    return ImageRow(
      panels, caption: "\(Triptych.colours(of: found.cue.shape)).")
  }

  /// Pictures with the cue, each beside the same without it.
  private func removal(_ found: FoundCue, _ name: String) throws -> ImageRow? {
    var panels: [ImagePanel] = []
    for position in found.carriers.prefix(2) {
      let input = try data.image(at: position)
      guard let before = Bitmap(input, bounds: data.bounds),
        let after = Bitmap(found.cue.removed(from: input), bounds: data.bounds)
      else { continue }
      panels.append(
        ImagePanel(
          panels.isEmpty ? nil : .rule, heading: "with it", image: before,
          alternative: "A picture of class \(name) with the cue"))
      panels.append(
        ImagePanel(
          heading: "removed", image: after, alternative: "The same picture, the cue removed"))
    }
    return panels.isEmpty ? nil : ImageRow(panels)
  }

  private func clusterTable(_ finding: CueFindings) -> Table {
    var table = Table(columns: [
      .numbers("cluster"), .numbers("pictures"), .numbers("in common"), .numbers("flips"),
      .numbers("control"), .numbers("chance"), .words("verdict"),
    ])
    func append(_ name: String, _ count: Int, _ core: Int?, _ trial: CueTrial?, _ verdict: String) {
      table.append(texts: [
        name, Format.count(count), core.map { Format.count($0) } ?? "",
        trial.map { Format.percent($0.flips.share) } ?? "–",
        trial.map { Format.percent($0.control.share) } ?? "–",
        trial.map { Format.significant($0.probability, digits: 2) } ?? "–", verdict,
      ])
    }
    for (number, cluster) in finding.clusters.enumerated() {
      append(
        "\(number + 1)", cluster.members.count, cluster.coreCount, cluster.trial,
        cluster.isSuspicious ? "suspicious" : "nothing found")
    }
    append("all", finding.count, nil, finding.whole, "")
    return table
  }

  /// The mean relevance of a cluster and some of its pictures.
  private func row(_ cluster: CueCluster, _ number: Int) throws -> ImageRow? {
    let map = cluster.meanRelevance
    guard
      let drawn = Bitmap(change: map, radius: Float(max(map.normInfinity, 1e-12)))
    else { return nil }
    var panels = [
      ImagePanel(
        heading: "cluster \(number)", image: drawn,
        alternative: "The mean relevance of cluster \(number)",
        lines: [cluster.isSuspicious ? "\(strong: "suspicious")" : "mean relevance"])
    ]
    for position in cluster.examples.prefix(6) {
      guard let picture = Bitmap(try data.image(at: position), bounds: data.bounds) else {
        continue
      }
      panels.append(
        ImagePanel(
          panels.count == 1 ? .rule : nil, image: picture,
          alternative: "A picture of cluster \(number)",
          lines: ["\(data.index(at: position))"]))
    }
    return ImageRow(panels)
  }

  private var notes: [RichText] {
    [
      "\(strong: "Clusters") group pictures of a class by where the network's reasons lie (\(relevance)), on a coarse grid. In maps, red speaks for the class and blue against it.",
      "\(strong: "In common") is how many values are nearly the same in a cluster and seldom so in other classes: what may be a cue.",
      "\(strong: "Flips") are pictures of other classes, read rightly before, that are read as the class once they get these values. \(strong: "Control") are flips with the same pixels of pictures without the cue.",
      "\(strong: "Chance") is the probability of so many more flips than in the control if the cue did nothing. A cluster is suspicious where flips exceed the control by \(Format.percent(CueTrial.margin, decimals: 0)) of the pictures, and chance in the whole search is at most \(Format.percent(CueTrial.falseAlarms, decimals: 1)).",
    ]
  }
}
