import Tensors

extension Dataset {
  /// Targets from an array, with the names of the classes, labels or outputs.
  static func targets(
    _ array: NPYArray, count: Int, of inputs: String, _ options: DataOptions
  ) throws(DatasetError) -> (Targets, [String]) {
    let shape = array.shape
    guard 1...2 ~= shape.rank, shape.rank == 1 || shape[1] > 0 else {
      throw DatasetError(
        .content, in: array.name,
        "has the shape \(shape), expected a label for each example, in one axis, or N x K numbers")
    }
    guard shape[0] == count else {
      throw DatasetError(
        .content, in: array.name,
        "found \(shape[0]) labels, expected \(count), one for each example of \(inputs)")
    }
    let width = shape.rank == 1 ? 1 : shape[1]
    let areIntegers = array.type.kind != .float
    if width == 1, options.targets == .classes || areIntegers && options.targets == nil {
      let labels = areIntegers ? try array.integers() : try wholeNumbers(array)
      return (.classes(labels), try Dataset.names(labels, options, in: array.name))
    }
    let reader = TargetReader(source: array.name, options: options) { "example \($0)" }
    return try reader.targets(try array.tensor().scalars, width: width)
  }

  /// Classes that a program wrote as floating-point numbers.
  private static func wholeNumbers(_ array: NPYArray) throws(DatasetError) -> [Int] {
    try array.tensor().scalars.enumerated().map { index, value throws(DatasetError) in
      guard let label = Int(exactly: value) else {
        throw DatasetError(
          .content, in: array.name,
          "example \(index) has the target \(value), expected a whole number, which is a class")
      }
      return label
    }
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
            + (label < 0 ? "; what a regression predicts needs --targets numbers" : ""))
      }
    }
    return given.isEmpty ? (0...max(1, labels.max() ?? 0)).map(String.init) : given
  }
}
