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
