import Settings
import Tensors

extension Dataset {
  /// The rows of a table of numbers with columns of targets, parted by comma, semicolon, tab, bar or spaces.
  ///
  /// In a single column of targets, whole numbers from 0 are classes by themselves; other texts are classes that
  /// are numbered in their order, or as `options.classNames` has them; numbers that are not all whole are those of
  /// a regression. Several columns are labels where they hold 0 and 1 alone, and otherwise numbers. The table is
  /// held in memory.
  ///
  /// The first line names the columns if it holds no number, or if it is 0, 1, 2, ... or has names above numbers. A
  /// first column without a name is taken for row numbers and left out. Numbers may have decimal commas where
  /// something else parts them; true and false are 1 and 0. `remarks` tell what was guessed.
  ///
  /// - Parameters:
  ///   - name: The name of the data set.
  ///   - path: The file in UTF-8 or UTF-16, gzipped or not, with or without names of columns in its first line.
  ///   - options: The columns of targets; by default one called target, label, class or y, or the last
  ///     one where columns have no names. Bounds; by default the values' own.
  /// - Throws: `DatasetError` that names the line and the column, such as of a missing value.
  public init(name: String, csv path: String, options: DataOptions) throws(DatasetError) {
    var table = try Table(path: path, options: options)
    let isLabelled = !table.targetColumns.isEmpty
    let (targets, classNames) =
      isLabelled
      ? try Dataset.targets(of: table, in: path, options)
      : try Dataset.targets(nil, count: table.lines.count, of: path, options)
    var bounds = options.bounds
    try table.check(options.valueRange ?? bounds, isSaid: options.valueRange != nil)
    if let range = options.valueRange {
      let spread = bounds ?? 0...1
      table.spread(range, over: spread)
      bounds = spread
    }
    if bounds == nil, let lower = table.features.min(), let upper = table.features.max() {
      bounds = lower...upper
    }
    self.init(
      name: name, exampleShape: [table.featureCount], storage: .floats(table.features),
      targets: targets, classNames: classNames, bounds: bounds ?? 0...1)
    self.isLabelled = isLabelled
    var columns = Columns(
      names: table.featureNames, values: table.features, isFixed: try table.fixedFeatures(options))
    columns.isBounding = options.boundsColumns
    self.columns = columns
    let notes = table.notes + Dataset.numbering(targets, classNames, options)
    if !notes.isEmpty { remarks.add(.table, "\(name): \(notes.joined(separator: "; "))") }
    targetHint = table.targetHint
    widthHint = table.widthHint
  }

  /// How classes were numbered that have names of their own, if nobody said it.
  private static func numbering(
    _ targets: Targets, _ names: [String], _ options: DataOptions
  ) -> [String] {
    guard case .classes = targets, options.classNames.isEmpty,
      names.indices.contains(where: { names[$0] != "\($0)" })
    else { return [] }
    let some = names.indices.prefix(4).map { "'\(names[$0].prefix(40))' is \($0)" }
    return [
      "the classes are numbered in their order, \(some.joined(separator: ", "))"
        + (names.count > 4 ? ", ...," : ",") + " unless \(Setting.labels) FILE says another"
    ]
  }

  private static func targets(
    of table: Table, in path: String, _ options: DataOptions
  ) throws(DatasetError) -> (Targets, [String]) {
    let width = table.targetColumns.count
    let areNumbers =
      options.targets.map { $0 != .classes || width > 1 }
      ?? (width > 1 || hasFractions(table, options))
    guard areNumbers else {
      let (labels, names) = try labels(of: table, in: path, options)
      return (.classes(labels), names)
    }
    let reader = TargetReader(source: path, options: options, columnNames: table.targetNames) {
      "line \(table.lines[$0])"
    }
    return try reader.targets(try table.targetNumbers(), width: width)
  }

  /// Whether the targets are numbers which are not all whole, and none of which is the name of a class.
  private static func hasFractions(_ table: Table, _ options: DataOptions) -> Bool {
    table.targets.allSatisfy { Double($0) != nil }
      && table.targets.contains { wholeNumber($0) == nil }
      && Set(table.targets).isDisjoint(with: options.classNames)
  }

  private static func labels(
    of table: Table, in path: String, _ options: DataOptions
  ) throws(DatasetError) -> ([Int], [String]) {
    let names = options.classNames
    let numbers = table.targets.compactMap { wholeNumber($0) }
    if numbers.count == table.targets.count, numbers.allSatisfy({ $0 >= 0 }),
      Set(table.targets).isDisjoint(with: names)
    {
      for (row, number) in numbers.enumerated() {
        let most = names.isEmpty ? 1_000_000 : names.count - 1
        guard number <= most else {
          throw DatasetError(
            .content, in: path,
            "line \(table.lines[row]): found the class \(number), expected 0 to \(most)")
        }
      }
      return (numbers, names.isEmpty ? (0...max(1, numbers.max() ?? 0)).map(String.init) : names)
    }
    let distinct = Array(Set(table.targets))
    // Numbers such as -1 and 1 go by their size.
    let sorted =
      numbers.count == table.targets.count
      ? distinct.sorted { (wholeNumber($0) ?? 0, $0) < (wholeNumber($1) ?? 0, $1) }
      : distinct.sorted()
    let all = names.isEmpty ? sorted : names
    guard all.count <= 100_000 else {
      throw DatasetError(
        .content, in: path, "the column of classes holds \(all.count) different texts")
    }
    let places = Dictionary(zip(all, all.indices), uniquingKeysWith: { first, _ in first })
    var labels: [Int] = []
    for (row, target) in table.targets.enumerated() {
      guard let label = places[target] else {
        throw DatasetError(
          .content, in: path,
          "line \(table.lines[row]): the class '\(target.prefix(40))' is none of those named")
      }
      labels.append(label)
    }
    return (labels, all)
  }

  /// A whole number, also written as `1.0`.
  private static func wholeNumber(_ text: String) -> Int? {
    Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
  }
}
