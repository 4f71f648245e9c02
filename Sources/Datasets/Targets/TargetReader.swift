import Settings

/// Finds out what numbers in a file are as targets, row after row.
struct TargetReader {
  /// The file or the array.
  let source: String
  /// What the options say of the targets and their names.
  let options: DataOptions
  /// The names of the labels or outputs where the options do not give them; numbers by default.
  var columnNames: [String] = []
  /// What to call the place of a row.
  let place: (Int) -> String

  /// Several columns: labels where all numbers are 0 or 1, otherwise numbers.
  ///
  /// One 1 in every row may be a class or the only label that applies, which the options have to say.
  func targets(
    _ values: [Float], width: Int
  ) throws(DatasetError) -> (targets: Targets, names: [String]) {
    let isBinary = values.allSatisfy { $0 == 0 || $0 == 1 }
    let isSigned =
      width > 1 && values.contains(-1) && values.allSatisfy { $0 == 1 || $0 == -1 }
    if isSigned, options.targets != .numbers {
      throw DatasetError(
        .content, in: source,
        "holds -1 and 1 in \(width) columns, expected 0 and 1: write (y + 1) // 2; numbers of a regression are \(Setting.targets)"
          + " numbers")
    }
    let kind = options.targets ?? (isBinary && width > 1 ? .multiLabel : .numbers)
    if kind == .numbers {
      try check(values, width) { value in value.isFinite ? nil : "expected finite numbers" }
      return (.numbers(values, width: width), names(width))
    }
    try check(values, width) { value in
      value == 0 || value == 1
        ? nil
        : "expected 0 or 1 for targets that are \(kind.rawValue); "
          + (kind == .classes
            ? "the class with the largest number is y.argmax(1); others are \(Setting.targets) numbers"
            : "others are \(Setting.targets) numbers")
    }
    let counts = stride(from: 0, to: values.count, by: width).map { start in
      values[start..<start + width].count { $0 == 1 }
    }
    if kind == .classes {
      if let row = counts.firstIndex(where: { $0 != 1 }) {
        throw DatasetError(
          .content, in: source,
          "\(place(row)) has \(counts[row]) ones, expected a single one, which tells the class; several labels are"
            + " \(Setting.targets) multi-label")
      }
      let labels = stride(from: 0, to: values.count, by: width).map { start in
        values[start..<start + width].firstIndex(of: 1).map { $0 - start } ?? 0
      }
      if options.classNames.isEmpty { return (.classes(labels), names(width)) }
      return (.classes(labels), try Dataset.names(labels, options, in: source))
    }
    if options.targets == nil, counts.allSatisfy({ $0 == 1 }) {
      throw DatasetError(
        .content, in: source,
        "has a single 1 in every row, which may be a class or the only label that applies; say it by"
          + " \(Setting.targets) classes or \(Setting.targets) multi-label")
    }
    return (.multiLabel(values.map { $0 == 1 }, width: width), names(width))
  }

  private func check(
    _ values: [Float], _ width: Int, _ problem: (Float) -> String?
  ) throws(DatasetError) {
    for (index, value) in values.enumerated() {
      guard let problem = problem(value) else { continue }
      let (row, column) = index.quotientAndRemainder(dividingBy: width)
      throw DatasetError(
        .content, in: source,
        "\(place(row)) has the target \(value)" + (width > 1 ? " in column \(column + 1)" : "")
          + ", \(problem)")
    }
  }

  /// The given names if there is one for each column, and otherwise the columns' own.
  private func names(_ width: Int) -> [String] {
    if options.classNames.count == width { return options.classNames }
    return columnNames.count == width ? columnNames : (0..<width).map(String.init)
  }
}
