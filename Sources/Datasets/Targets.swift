import Settings

/// The targets of all examples of a data set, all of one kind, in memory.
public enum Targets: Hashable, Sendable {
  /// A class for each example, from 0.
  case classes([Int])
  /// Whether each of `width` labels applies, example after example.
  case multiLabel([Bool], width: Int)
  /// `width` finite numbers for each example, example after example.
  case numbers([Float], width: Int)

  /// The kind.
  public var kind: TargetKind {
    switch self {
    case .classes: .classes
    case .multiLabel: .multiLabel
    case .numbers: .numbers
    }
  }

  /// How many labels or numbers each example has; 1 for classes.
  public var width: Int {
    switch self {
    case .classes: 1
    case .multiLabel(_, let width), .numbers(_, let width): width
    }
  }

  /// The number of examples.
  public var count: Int {
    switch self {
    case .classes(let labels): labels.count
    case .multiLabel(let flags, let width): flags.count / width
    case .numbers(let numbers, let width): numbers.count / width
    }
  }

  /// The target of an example.
  public subscript(index: Int) -> Target {
    switch self {
    case .classes(let labels): .label(labels[index])
    case .multiLabel(let flags, let width):
      .labels(Array(flags[index * width..<(index + 1) * width]))
    case .numbers(let numbers, let width):
      .numbers(Array(numbers[index * width..<(index + 1) * width]))
    }
  }

  /// Makes sure that the parts belong together, which is a matter of the program.
  func validate(classNames: [String], name: String) {
    switch self {
    case .classes(let labels):
      precondition(
        labels.allSatisfy(classNames.indices.contains), "labels of \(name) without a class name")
    case .multiLabel(let flags, let width):
      precondition(width > 0 && flags.count % width == 0, "ragged labels of \(name)")
      precondition(classNames.count == width, "labels of \(name) without a name")
    case .numbers(let numbers, let width):
      precondition(width > 0 && numbers.count % width == 0, "ragged targets of \(name)")
      precondition(classNames.count == width, "targets of \(name) without a name")
      precondition(numbers.allSatisfy(\.isFinite), "targets of \(name) that are not finite")
    }
  }
}

extension Targets: Codable {
  private enum CodingKeys: String, CodingKey { case kind, values, width }

  /// Reads the kind of the targets and their values.
  ///
  /// - Throws: What the decoder throws; `DecodingError` where the values are no rows of that width.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let width = try container.decodeIfPresent(Int.self, forKey: .width) ?? 1
    func check(_ isRight: Bool) throws {
      guard !isRight else { return }
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container,
        debugDescription: "expected rows of \(width) finite values, of classes from 0 on")
    }
    func rows<Value: Decodable>(_ type: Value.Type) throws -> [Value] {
      let values = try container.decode([Value].self, forKey: .values)
      try check(width > 0 && values.count % max(width, 1) == 0)
      return values
    }
    switch try container.decode(TargetKind.self, forKey: .kind) {
    case .classes:
      let labels = try rows(Int.self)
      try check(width == 1 && labels.allSatisfy { $0 >= 0 })
      self = .classes(labels)
    case .multiLabel: self = .multiLabel(try rows(Bool.self), width: width)
    case .numbers:
      let numbers = try rows(Float.self)
      try check(numbers.allSatisfy(\.isFinite))
      self = .numbers(numbers, width: width)
    }
  }

  /// Writes the kind of the targets, their values and, where there are several for each example, how many.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    switch self {
    case .classes(let labels): try container.encode(labels, forKey: .values)
    case .multiLabel(let flags, let width):
      try container.encode(flags, forKey: .values)
      try container.encode(width, forKey: .width)
    case .numbers(let numbers, let width):
      try container.encode(numbers, forKey: .values)
      try container.encode(width, forKey: .width)
    }
  }
}

/// What an example is known to be: its class, the labels that apply to it, or the numbers to be predicted.
public enum Target: Hashable, Sendable {
  /// The number of its class, from 0.
  case label(Int)
  /// For each of several labels, whether it applies.
  case labels([Bool])
  /// The numbers that a regression is to give, one for each output.
  case numbers([Float])

  /// The class; `nil` if the target is something else.
  public var label: Int? { if case .label(let label) = self { label } else { nil } }
}

/// The ways in which the targets of examples are given.
public enum TargetKind: String, Hashable, Codable, Sendable, CaseIterable {
  /// One class for each example.
  case classes
  /// Several labels for each example, each of which applies or does not.
  case multiLabel = "multi-label"
  /// Numbers for each example, as a regression predicts them.
  case numbers

  /// What an example has, for messages.
  public var words: String {
    switch self {
    case .classes: "a class"
    case .multiLabel: "several labels, each 0 or 1"
    case .numbers: "real numbers as targets"
    }
  }
}

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
        "holds -1 and 1 in \(width) columns, expected 0 and 1: convert by (y + 1) // 2; for a regression, add"
          + " \(Setting.targets) numbers")
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
          "\(place(row)) has \(counts[row]) ones, expected a single one (the class); for several labels, add"
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
        "has a single 1 in every row: a class, or the only label of several; choose \(Setting.targets) classes or"
          + " \(Setting.targets) multi-label")
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

extension Dataset {
  /// What the targets are.
  public var targetKind: TargetKind { allTargets.kind }

  /// How many labels or numbers each example has as its target; 1 for classes.
  public var targetWidth: Int { allTargets.width }

  /// The targets by position.
  public var targets: Targets {
    switch allTargets {
    case .classes(let labels): .classes(allIndices.map { labels[$0] })
    case .multiLabel(let flags, let width):
      .multiLabel(
        allIndices.flatMap { flags[$0 * width..<($0 + 1) * width] }, width: width)
    case .numbers(let numbers, let width):
      .numbers(
        allIndices.flatMap { numbers[$0 * width..<($0 + 1) * width] }, width: width)
    }
  }

  /// The target at a position.
  public func target(at position: Int) -> Target { allTargets[index(at: position)] }

  /// The classes by position.
  ///
  /// - Precondition: `targetKind` is `.classes`.
  public var labels: [Int] {
    guard case .classes(let labels) = allTargets else {
      preconditionFailure("\(name) has no classes")
    }
    return allIndices.map { labels[$0] }
  }

  /// The class at a position, from 0 and below `numberOfClasses`.
  ///
  /// - Precondition: `targetKind` is `.classes`.
  public func label(at position: Int) -> Int {
    guard case .classes(let labels) = allTargets else {
      preconditionFailure("\(name) has no classes")
    }
    return labels[index(at: position)]
  }
}
