import Tensors

extension Examination {
  /// Which examples of a data set are looked at: one from each of as many equal parts, drawn once and for all.
  ///
  /// They are drawn rather than taken at equal distances, since data often repeat their classes in turn.
  ///
  /// - Parameters:
  ///   - total: The number of examples that there are.
  ///   - size: The number of values of each.
  /// - Returns: Positions in ascending order, all of them if there are few; the same for the same numbers.
  public static func positions(among total: Int, size: Int) -> [Int] {
    let count = exampleCount(ofSize: size)
    guard total > count else { return Array(0..<max(0, total)) }
    var random = Philox(key: 0)
    return (0..<count).map { part in
      let start = part * total / count
      return start + Int(random.next() % UInt64((part + 1) * total / count - start))
    }
  }
}
