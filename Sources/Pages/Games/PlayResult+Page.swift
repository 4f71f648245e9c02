import Files
import Games
package import Reports
public import Studies

/// What people read of the outcome of a game.
protocol OutcomeStory {
  /// The title of the page.
  var title: String { get }
  /// What it is about, in a sentence or two.
  var lead: RichText { get }
  /// What is told, from top to bottom.
  var blocks: [HTMLBlock] { get }
  /// What was checked, in a sentence or two.
  var checked: RichText { get }
  /// What is printed: lines and tables, in turn.
  var printed: [String] { get }
}

extension PlayResult {
  /// Writes the game as a page, whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func writePage(to path: String) throws {
    try AtomicFile.write(try page().html(), to: path)
  }

  private var story: any OutcomeStory {
    switch outcome {
    case .solvers(let comparison): SolverStory(comparison: comparison, row: row)
    case .matrix(let analysis): MatrixStory(analysis: analysis)
    case .performative(let report): PerformativeStory(report: report)
    case .strategic(let report): StrategicStory(report: report)
    case .spam(let report): SpamStory(report: report)
    }
  }

  /// The page that `--report` writes.
  package func page() -> HTMLDocument {
    let story = story
    var page = HTMLDocument(
      title: story.title, lead: story.lead,
      footer: "Made by Gibbon \(Version.text), seed \(specification.seed).")
    page.append(contentsOf: story.blocks)
    page.append(.heading("Who plays"))
    page.append(.table([row].seats))
    page.append(reproducing: command, specification, checked: story.checked)
    return page
  }

  /// What is printed.
  package var text: String {
    (story.printed + ["time \(Format.duration(seconds: seconds))"])
      .map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }.joined(separator: "\n\n")
  }
}

extension [PlayRow] {
  /// The games with their players and costs, a line for each player.
  package var seats: Table {
    var table = Table(columns: [
      .words("game"), .words("order"), .words("player"), .words("chooses"), .words("cost"),
    ])
    for row in self {
      for (place, seat) in row.seats.enumerated() {
        table.append(texts: [
          place == 0 ? row.name : "", place == 0 ? row.order.words : "", seat.name, seat.choice,
          seat.cost,
        ])
      }
    }
    return table
  }
}

extension PlayCatalogue {
  /// What `gibbon play --list` prints: all games, their players and costs.
  package static var text: String {
    let width = rows.map(\.name.count).max() ?? 0
    let lines = rows.map { row in
      let name = row.name + String(repeating: " ", count: width - row.name.count)
      return "\(name)  \(row.summary)\(row.file.map { "; FILE: \($0)" } ?? "")"
    }
    return lines.joined(separator: "\n") + "\n\n" + rows.seats.text()
  }
}
