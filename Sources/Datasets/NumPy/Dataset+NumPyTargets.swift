import Settings
import Tensors

extension Dataset {
  /// Targets from an array, with the names of the classes, labels or outputs; without one, all are the class 0.
  static func targets(
    _ array: NPYArray?, count: Int, of inputs: String, _ options: DataOptions
  ) throws(DatasetError) -> (Targets, [String]) {
    guard let array else {
      let labels = [Int](repeating: 0, count: count)
      return (.classes(labels), try Dataset.names(labels, options, in: inputs))
    }
    let shape = array.shape
    guard 1...2 ~= shape.rank, shape.rank == 1 || shape[1] > 0 else {
      throw DatasetError(
        .content, in: array.name,
        "has the shape \(shape), expected a label for each example, in one axis, or N x K numbers"
          + " (\(Setting.targets) says what they are)"
          + (shape.count == count ? "; y.reshape(-1) has one axis" : ""))
    }
    guard shape[0] == count else {
      throw DatasetError(
        .content, in: array.name,
        "found \(shape[0]) labels, expected \(count), one for each example of \(inputs)"
          + (shape.count == count ? "; y.reshape(-1) has one axis" : ""))
    }
    if let values = try wholeNumbers(array, options) {
      guard areSigned(values) else {
        return (.classes(values), try Dataset.names(values, options, in: array.name))
      }
      let names = options.classNames.count >= 2 ? options.classNames : ["-1", "1"]
      return (.classes(values.map { $0 == 1 ? 1 : 0 }), names)
    }
    let reader = TargetReader(source: array.name, options: options) { "example \($0)" }
    return try reader.targets(
      try array.tensor().scalars, width: shape.rank == 1 ? 1 : shape[1])
  }

  /// Whether an array has the classes -1 and 1, which become 0 and 1.
  static func hasSignedLabels(
    _ array: NPYArray, _ options: DataOptions
  ) throws(DatasetError) -> Bool { try wholeNumbers(array, options).map(areSigned) ?? false }

  private static func areSigned(_ values: [Int]) -> Bool {
    values.contains(-1) && values.allSatisfy { $0 == 1 || $0 == -1 }
  }

  /// The values of an array of classes; `nil` if they are none, being numbers of a regression.
  ///
  /// Floating-point numbers are classes if all are whole and could be some.
  private static func wholeNumbers(
    _ array: NPYArray, _ options: DataOptions
  ) throws(DatasetError) -> [Int]? {
    let kind = options.targets
    guard kind == .classes || kind == nil, array.shape.rank == 1 || array.shape[1] == 1 else {
      return nil
    }
    if array.type.kind != .float { return try array.integers() }
    var values: [Int] = []
    for (index, value) in try array.tensor().scalars.enumerated() {
      if let label = Int(exactly: value) {
        values.append(label)
      } else if kind == .classes {
        throw DatasetError(
          .content, in: array.name,
          "example \(index) has the target \(value), expected a whole number, which is a class; other numbers"
            + " are \(Setting.targets) numbers")
      } else {
        return nil
      }
    }
    // Two classes may be counted from 1.
    let largest = options.outputCount == 1 ? 2 : 1_000_000
    let couldBe =
      values.allSatisfy { 0...largest ~= $0 } || values.allSatisfy { $0 == 1 || $0 == -1 }
    return kind == .classes || couldBe ? values : nil
  }

  /// The names of classes: the given ones, or the numbers up to the largest label, and at least two.
  static func names(
    _ labels: [Int], _ options: DataOptions, in source: String
  ) throws(DatasetError) -> [String] {
    let given = options.classNames
    for (index, label) in labels.enumerated() {
      guard label >= 0, given.isEmpty || label < given.count, label <= 1_000_000 else {
        let most = given.isEmpty ? 1_000_000 : given.count - 1
        throw DatasetError(
          .content, in: source,
          "example \(index) has the label \(label), expected 0 to \(most)"
            + remedy(labels, below: given.count))
      }
    }
    return given.isEmpty ? (0...max(1, labels.max() ?? 0)).map(String.init) : given
  }

  /// What helps where labels are no classes.
  private static func remedy(_ labels: [Int], below count: Int) -> String {
    guard let least = labels.min(), let most = labels.max() else { return "" }
    let regression = "; what a regression predicts needs \(Setting.targets) numbers"
    if least == 1, count > 0, most == count {
      return "; the labels seem to count from 1: y - 1 counts from 0" + regression
    }
    return (least < 0 ? "; classes count from 0" : "") + regression
  }
}
