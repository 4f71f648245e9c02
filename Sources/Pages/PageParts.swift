package import Datasets
import Files
package import Insight
import JSON
import Remote
package import Reports
package import Robustness
public import Studies
package import Tensors

extension AttackRun {
  /// Writes the run as a page with pictures, whole or not at all.
  ///
  /// - Throws: What the model throws where it is asked about examples for the pictures; `FileError`.
  public func writePage(to path: String) async throws {
    try AtomicFile.write(try await page().html(), to: path)
  }
}

extension EvaluationResult {
  /// Writes the evaluation as a page with pictures, with the comparison where there are two models, whole or not at all.
  ///
  /// - Throws: What the model throws where it is asked about examples for the pictures; `FileError`.
  public func writePage(to path: String) async throws {
    try AtomicFile.write(try await first.page(pair).html(), to: path)
  }
}

extension HTMLDocument {
  /// Appends how to do it again, as far as that can be said: the command, else the specification; and what was checked.
  ///
  /// - Parameters:
  ///   - command: The words of the command that asked for it; empty if none did.
  ///   - specification: The specification, if there is one.
  ///   - checked: What was checked, in a sentence or two.
  mutating func append(
    reproducing command: [String], _ specification: (any Specification)?, checked: RichText
  ) {
    if !command.isEmpty {
      append(.heading(HTMLDocument.reproductionTitles[0]))
      append(.code(ShellWords.lines(command)))
    } else if let specification {
      append(.heading(HTMLDocument.reproductionTitles[0]))
      append(.paragraph("By the library, with this specification:"))
      append(.code(specification.withoutSecrets.json.text(.pretty)))
    } else {
      append(.heading(HTMLDocument.reproductionTitles[1]))
    }
    append(.paragraph(checked))
  }

  /// The headings under which a page says how to do it again, and what was checked.
  static let reproductionTitles = ["How to reproduce it", "What was checked"]
}

extension Subject {
  /// Some of what was broken, unless a remote model refuses to say what it makes of it; see `Gallery.blocks`.
  func pictures(
    of changes: [(example: Example, changed: Tensor<Float>)], in data: Dataset, sureness: String
  ) async throws -> [HTMLBlock] {
    guard !changes.isEmpty else { return [] }
    do {
      return try await Gallery(self, data: data).blocks(changes, sureness: sureness)
    } catch let error as RemoteError {
      return [.paragraph("There are no pictures here: \(error.cause).")]
    }
  }
}

extension Gallery {
  /// Some of what was broken, as different as can be: pictures, or the columns that changed in rows of a table.
  ///
  /// - Parameters:
  ///   - changes: Examples and what became of them.
  ///   - sureness: What is said of shares in brackets, with a space behind.
  /// - Returns: A heading and what belongs under it; nothing where nothing can be shown.
  /// - Throws: What the model throws where it is asked about examples.
  package func blocks(
    _ changes: [(example: Example, changed: Tensor<Float>)], sureness: String
  ) async throws -> [HTMLBlock] {
    let shown = try await varied(
      triptychs(changes).sorted { $0.before.confidence > $1.before.confidence }, count: 6)
    var blocks: [HTMLBlock] = shown.enumerated().compactMap { place, triptych in
      triptych.row(
        data,
        caption: place > 0
          ? ""
          : """
          \(triptych.colours) \(sureness)\(triptych.ending)
          """
      ).map { .images($0) }
    }
    if blocks.isEmpty, data.exampleShape.rank == 1 {
      blocks = shown.prefix(4).map { .table(ChangedRow(triptych: $0).table(data)) }
      if !blocks.isEmpty, !sureness.isEmpty {
        blocks.append(.paragraph("\(sureness)"))
      }
    }
    return blocks.isEmpty ? [] : [.heading("Some that were broken")] + blocks
  }
}

/// What was changed in a row of a table, column by column.
struct ChangedRow {
  /// The most columns that are listed.
  private static let most = 12

  /// The row, the changed one, and what the network makes of both.
  let triptych: Triptych

  /// The columns that changed, those that changed most, as a share of their range where it is known, first.
  func table(_ data: Dataset) -> Table {
    let (old, new) = (triptych.example.input, triptych.changed)
    func share(_ column: Int) -> Double {
      let change = Double(abs(new[column] - old[column]))
      guard let columns = data.columns else { return change }
      let range = Double(columns.upper[column] - columns.lower[column])
      return range > 0 ? change / range : .infinity
    }
    let changed = (0..<old.count).filter { new[$0] != old[$0] }.map {
      (column: $0, share: share($0))
    }
    .sorted { ($1.share, $0.column) < ($0.share, $1.column) }
    let names = data.classNames
    var caption =
      "Example \(triptych.example.index): \(triptych.before.text(names)) becomes \(triptych.after.text(names))"
    let rest = changed.count - ChangedRow.most
    if rest > 0 { caption += "; \(rest) more columns changed less" }
    var titles: [Table.Column] = [.words("column"), .numbers("as it was"), .numbers("changed")]
    if data.columns != nil { titles.append(.numbers("of its range")) }
    var table = Table(caption: caption, columns: titles)
    for (column, share) in changed.prefix(ChangedRow.most) {
      var cells = [
        data.columns?.names[column] ?? "\(column + 1)",
        Format.significant(Double(old[column]), digits: 5),
        Format.significant(Double(new[column]), digits: 5),
      ]
      if data.columns != nil { cells.append(share.isFinite ? Format.percent(share) : "") }
      table.append(texts: cells)
    }
    return table
  }
}

extension ThreatReference {
  /// What an attacker may change, to follow "may change".
  package var words: String {
    alternatives.map { terms in terms.map(\.words).joined(separator: ", then ") }
      .joined(separator: "; or ")
  }
}

extension ThreatTerm {
  /// What an attacker may change, to follow "may change".
  fileprivate var words: String {
    guard let amount else {
      return switch kind {
      case .infinity: "every value as far as it takes, measured by the largest change"
      case .one: "values as far as it takes, measured by the sum of the changes"
      case .two: "values as far as it takes, measured by the root of the summed squares"
      case .zero: "pixels as many as it takes, each to any value"
      default: "the \(kind.rawValue) as far as it takes"
      }
    }
    let size = amountText ?? Format.shortest(amount)
    return switch kind {
    case .infinity: "every value by at most \(size)"
    case .one: "values by at most \(size) in all (the sum of the changes)"
    case .zero: "at most \(size) pixels, each to any value"
    case .two: "values by at most \(size) in all (the root of the summed squares)"
    case .rotation: "the angle of the picture by at most \(size) degrees"
    case .shift: "the place of the picture by at most \(size) pixels along each axis"
    case .flow: "the place of every pixel by at most \(size) pixels along each axis"
    case .patch:
      isInPixels
        ? "a square of \(size) by \(size) pixels"
        : "a square of \(Format.percent(amount)) of the picture"
    case .hue: "the hue by at most \(size) degrees"
    case .saturation: "the saturation by at most \(Format.percent(amount))"
    case .brightness: "the brightness by at most \(size)"
    case .contrast: "the contrast by at most \(Format.percent(amount))"
    case .fog: "how much white is mixed in, at most \(Format.percent(amount))"
    case .blur: "how blurred the picture is, by at most \(size) pixels (standard deviation)"
    }
  }
}
