extension Dataset {
  /// What the targets are.
  public var targetKind: TargetKind { allTargets.kind }

  /// How many labels or numbers each example has as its target; 1 for classes.
  public var targetWidth: Int { allTargets.width }

  /// The targets by position.
  public var targets: Targets {
    switch allTargets {
    case .classes(let labels): .classes(Array(labels[indices]))
    case .multiLabel(let flags, let width):
      .multiLabel(
        Array(flags[indices.lowerBound * width..<indices.upperBound * width]), width: width)
    case .numbers(let numbers, let width):
      .numbers(
        Array(numbers[indices.lowerBound * width..<indices.upperBound * width]), width: width)
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
    return Array(labels[indices])
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
