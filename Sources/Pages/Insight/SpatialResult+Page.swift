import Datasets
import Files
import Images
import Insight
package import Reports
import Robustness
public import Studies
import Tensors

extension SpatialResult {
  /// Writes the comparison as a page, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  /// The page that `--report` writes.
  package func page() -> HTMLDocument {
    let first = rows[0]
    func percent(_ column: Column) -> String {
      Format.percent(first.accuracy(column).share, decimals: 1)
    }
    var page = HTMLDocument(
      title: "Turned and moved",
      lead: """
        \(name(first)) reads \(strong: percent(.natural)) of \(Format.count(first.data.count)) examples of \(dataName) rightly \
        as they are, \(percent(.single)) after one random change (\(specification.threat)), and \
        \(strong: percent(.grid)) at the worst of \(Format.count(first.scan.grid.count)) on a grid.
        """,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    page.append(.table(table()))
    page.append(.list(notes))
    for row in rows { page.append(contentsOf: pictures(row)) }
    page.append(.heading("Each change alone"))
    for parameter in first.scan.grid.axes.indices where first.scan.grid.axes[parameter].count > 2 {
      page.append(
        .plot(
          plot(parameter),
          caption: """
            The share of examples that are still read rightly after this change alone. No single change does the harm that the \
            worst one for each example does.
            """))
    }
    page.append(.heading("How many changes break an example"))
    page.append(
      .plot(
        brokenPlot,
        caption: """
          Examples that are read rightly as they are, sorted by how many of the grid’s points break them. The place where a line \
          leaves the bottom is the share that no point breaks.
          """))
    page.append(.heading("Off the grid"))
    page.append(.table(offGridTable))
    page.append(
      reproducing: command, specification,
      checked: """
        The network was run on every point of the grid for every example, by its exact forward pass. A grid has gaps: what no \
        point breaks may be broken between the points, which is counted above as far as the other searches find it.
        """)
    return page
  }

  private var notes: [RichText] {
    var notes: [RichText] = [
      """
      \(strong: title(.single)) and \(strong: title(.random)): one and several random changes of the continuous range; \
      \(strong: title(.gradient)): PGD on angle and shift; \(strong: title(.grid)): the worst of \
      \(Format.count(rows[0].scan.grid.count)) points.
      """,
      """
      \(strong: title(.wholeGrid)): only those points of the grid at which the picture stays in its frame, found by making \
      the same change on a black canvas. So what is left is not the fault of pixels that were cut off.
      """,
      "\(strong: specification.ball): PGD on the values; \(strong: "both"): places first, then values.",
    ]
    if rows.contains(where: \.isOnCanvas) {
      notes.append(
        "* takes larger pictures: its examples are on a black canvas, so that no change loses a pixel."
      )
    }
    return notes
  }

  /// Some examples at their worst point.
  private func pictures(_ row: Row) -> [HTMLBlock] {
    let names = row.data.classNames
    let panels = row.pictures.compactMap { picture -> ImagePanel? in
      guard let image = Bitmap(picture.changed, bounds: row.data.bounds) else { return nil }
      let scanned = row.scan.examples[picture.place]
      let change = words(row.scan.grid.point(scanned.worst))
      return ImagePanel(
        heading: change, image: image,
        alternative: """
          Example \(scanned.index), a \(names.name(of: scanned.label)), after \(change), read as \
          \(picture.after.text(names))
          """,
        lines: [
          "\(strong: picture.after.text(names))",
          """
          a \(names.name(of: scanned.label)), example \(scanned.index); wrong at \(Format.count(scanned.wrongPoints)) \
          points
          """,
        ])
    }
    guard !panels.isEmpty else { return [] }
    return [
      .heading("The worst for \(name(row))"),
      .images(
        ImageRow(
          panels,
          caption: """
            Examples that are read rightly as they are, at the point of the grid where the network is most sure of another \
            class.
            """)),
    ]
  }

  /// A point of the grid in words, such as `30°, 3 down, 1.5 left`.
  private func words(_ z: Tensor<Float>) -> String {
    zip(parameters, z.scalars).compactMap { parameter, value in
      value == 0 ? nil : parameter.words(Double(value))
    }.joined(separator: ", ")
  }

  /// What one parameter of the threat is.
  private enum Parameter {
    case angle, down, right

    var axis: String {
      switch self {
      case .angle: "rotation, degrees counter-clockwise"
      case .down: "shift, pixels down"
      case .right: "shift, pixels to the right"
      }
    }

    func words(_ value: Double) -> String {
      let size = Format.significant(abs(value), digits: 3)
      return switch self {
      case .angle: "\(value < 0 ? "-" : "")\(size)°"
      case .down: "\(size) px \(value < 0 ? "up" : "down")"
      case .right: "\(size) px \(value < 0 ? "left" : "right")"
      }
    }
  }

  private var parameters: [Parameter] {
    let terms = (try? ThreatReference(specification.threat))?.alternatives.first ?? []
    return terms.flatMap { $0.kind == .rotation ? [.angle] : [.down, .right] }
  }

  private func plot(_ parameter: Int) -> LinePlot {
    let kind = parameters[parameter]
    return LinePlot(
      title: kind == .angle
        ? "Turned alone" : kind == .down ? "Moved up or down alone" : "Moved sideways alone",
      x: Axis(kind.axis), y: Axis("read rightly", range: 0...1, style: .percent(decimals: 0)),
      series: rows.map { row in
        LinePlot.Series(
          name(row),
          zip(row.scan.grid.axes[parameter], row.scan.grid.line(along: parameter)).map {
            value, point in
            .init(Double(value), Double(row.scan.right[point]) / Double(row.data.count))
          }, hasMarkers: row.scan.grid.axes[parameter].count <= 11)
      }, rule: LinePlot.Rule(at: 0, label: "as it is"))
  }

  private var brokenPlot: LinePlot {
    LinePlot(
      title: "Points of the grid that break an example",
      x: Axis("examples, sorted", range: 0...1, style: .percent(decimals: 0)),
      y: Axis("points that break it", range: 0...1, style: .percent(decimals: 0)),
      series: rows.map { row in
        let shares = row.scan.examples.filter(\.isRight)
          .map { Double($0.wrongPoints) / Double(row.scan.grid.count) }.sorted()
        // A hundred places show as much as all.
        let places = Array(stride(from: 0.0, through: 1, by: 0.01))
        return LinePlot.Series(
          name(row),
          shares.isEmpty
            ? [] : places.map { .init($0, shares[Int($0 * Double(shares.count - 1))]) })
      })
  }

  private var offGridTable: Table {
    var table = Table(columns: [
      .words("network"), .numbers("broken by the grid"), .numbers("only off the grid"),
      .numbers("withstand all"),
    ])
    for row in rows {
      let (natural, grid) = (row.accuracy(.natural), row.accuracy(.grid))
      table.append(texts: [
        name(row), Format.count(natural.count - grid.count), Format.count(row.brokenOffGrid),
        AttackRun.accuracy(row.withstanding),
      ])
    }
    return table
  }
}
