extension String {
  /// The name that was probably meant: the one that differs from this text by the fewest keystrokes, if they are few.
  ///
  /// A keystroke adds, drops or replaces a letter, or swaps two neighbours. A third of the letters may be wrong; where
  /// several names are as near, there is no telling. Capitals and the sort of dash do not count.
  ///
  /// - Parameter names: The names there are.
  /// - Returns: The name, or `nil` if none is near.
  package func nearest(among names: [String]) -> String? {
    let own = String.plain(self)
    guard own.count > 2 else { return nil }
    var best: (name: String, distance: Int)?
    var isTied = false
    for name in names where best?.name != name {
      let other = String.plain(name)
      let limit = Swift.max(own.count, other.count) / 3
      guard abs(own.count - other.count) <= limit else { continue }
      let distance = String.distance(own, other)
      guard distance <= limit, distance <= best?.distance ?? .max else { continue }
      isTied = distance == best?.distance
      best = (name, distance)
    }
    return isTied ? nil : best?.name
  }

  /// The question whether a near name was meant, to stand behind a name that there is not; empty if none is near.
  ///
  /// - Parameters:
  ///   - names: The names there are.
  ///   - prefix: What stands before the name, such as two dashes.
  /// - Returns: Such as ` (did you mean --count?)`.
  package func suggestion(among names: [String], prefix: String = "") -> String {
    nearest(among: names).map { " (did you mean \(prefix)\($0)?)" } ?? ""
  }

  private static func plain(_ text: String) -> [Character] {
    text.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
  }

  /// The number of keystrokes between two texts, no letter being touched twice.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var (before, last) = ([Int](), Array(0...right.count))
    for row in left.indices {
      var next = [row + 1]
      for column in right.indices {
        var least = Swift.min(
          last[column + 1] + 1, next[column] + 1,
          last[column] + (left[row] == right[column] ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = Swift.min(least, before[column - 1] + 1)
        }
        next.append(least)
      }
      (before, last) = (last, next)
    }
    return last[right.count]
  }
}
