import Files
import Settings
import Tensors

/// Which columns of a table hold the targets.
struct TableTargets {
  /// The columns, from 0; none if there are no targets.
  private(set) var columns: [Int]
  /// What was guessed, as a part of a sentence; `nil` if nothing was.
  private(set) var note: String?
  /// Where the targets may be instead, to follow what is wrong with them.
  private(set) var hint = ""

  /// Chooses the columns that the options name, or that are called or look as targets usually do.
  ///
  /// - Throws: `DatasetError` that lists the columns.
  init(_ layout: TableLayout, _ options: DataOptions, _ source: String) throws(DatasetError) {
    if let target = options.target {
      columns = try TableTargets.columns(target, layout, source, "\(Setting.targetColumn)")
      return
    }
    let all = layout.columns
    let needed = options.shape?.count
    // A table that is as wide as the model has no targets.
    let isUnlabelled = options.allowsUnlabelled && options.targets == nil && needed == all.count
    if layout.names.isEmpty || layout.hasCountedNames {
      if isUnlabelled {
        (columns, note) = ([], TableTargets.unlabelled(all.count))
        return
      }
      // A column with numbers and texts holds a mistake rather than a class.
      let texts = all.filter(layout.textColumns.contains)
      if layout.names.isEmpty, texts.count == 1, !layout.numberColumns.contains(texts[0]),
        all.count > 1, texts != all.suffix(1),
        needed == nil || needed == all.count - 1
      {
        columns = texts
        note = "column \(texts[0] + 1), the only one of texts, is taken for the class"
        return
      }
      let last = all.last ?? 0
      columns = [last]
      if let first = all.first, first != last, layout.wholeColumns.contains(first),
        !layout.wholeColumns.contains(last), !layout.textColumns.contains(last)
      {
        hint =
          "; the first column holds whole numbers: if that is the class, add \(Setting.targetColumn)"
          + " \(layout.hasCountedNames ? layout.names[first] : "\(first + 1)")"
        // A single output tells classes apart as well as it is a number.
        if options.outputCount == 1, options.targets == nil {
          note = "the last column is taken for the target\(hint)"
        }
      }
      return
    }
    let usual = all.filter { TableHeader.usualTargets.contains(layout.names[$0].lowercased()) }
    if usual.count == 1 {
      columns = usual
      return
    }
    if usual.isEmpty {
      if isUnlabelled {
        (columns, note) = ([], TableTargets.unlabelled(all.count))
        return
      }
      // Features are numbers, so a single column of texts is the class.
      let texts = all.filter(layout.textColumns.contains)
      if texts.count == 1, let column = texts.first, all.count > 1,
        needed == nil || needed == all.count - 1 || needed == all.count - 2
      {
        columns = texts
        note =
          "the column '\(layout.names[column].prefix(40))', the only one of texts, is taken for the class"
        return
      }
    }
    throw DatasetError(
      .content, in: source,
      "the column of the class is not clear; name it by \(Setting.targetColumn), one of"
        + " \(TableLayout.listed(all.map { layout.names[$0] }, 20))")
  }

  /// Finds columns by their names, or by their numbers from 1, joined by commas.
  ///
  /// - Parameters:
  ///   - text: What was given.
  ///   - layout: The form of the table.
  ///   - source: The file, for messages.
  ///   - option: What it was given by.
  /// - Returns: The columns, from 0.
  /// - Throws: `DatasetError` that says which there is not.
  static func columns(
    _ text: String, _ layout: TableLayout, _ source: String, _ option: String
  ) throws(DatasetError) -> [Int] {
    // The name of one column may have a comma in it.
    if let whole = try column(text, layout, source, option) { return [whole] }
    var columns: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = String(part.trimmingPrefix { $0 == " " })
      guard let column = try column(name, layout, source, option) else {
        throw DatasetError(
          .content, in: source,
          layout.names.isEmpty
            ? "has no names of columns, expected the column's number from 1 to \(layout.width), not"
              + " '\(name)'"
            : "has no column '\(name)'\(name.suggestion(among: layout.names)); there are \(TableLayout.listed(layout.names, 20))"
        )
      }
      guard !columns.contains(column) else {
        throw DatasetError(.content, in: source, "the column '\(name)' is asked for twice")
      }
      columns.append(column)
    }
    return columns
  }

  private static func column(
    _ name: String, _ layout: TableLayout, _ source: String, _ option: String
  ) throws(DatasetError) -> Int? {
    let places = layout.names.indices.filter { layout.names[$0] == name }
    guard places.count < 2 else {
      let numbers = places.map { "\($0 + 1)" }.joined(separator: ", ")
      throw DatasetError(
        .content, in: source,
        "\(places.count) columns are called '\(name.prefix(40))'; say \(option) by number, one of \(numbers)"
      )
    }
    if let place = places.first { return place }
    guard let number = Int(name), 1...max(layout.width, 1) ~= number else { return nil }
    return number - 1
  }

  private static func unlabelled(_ count: Int) -> String {
    "all \(count) columns are taken as inputs of the model, so there are no labels"
  }
}
