import Tensors

/// Means and standard deviations among the names of a dictionary, as modules keep them that normalise inputs.
enum NormalizationPair {
  private static let means: Set<String> = ["mean", "means", "mu"]
  private static let deviations: Set<String> = [
    "std", "stds", "sigma", "sd", "sds", "stdev", "deviation", "std_dev",
  ]

  /// Finds the one pair that lies outside the network or in front of it.
  ///
  /// - Returns: The entries; `nil` if there is none, or more than one.
  static func find(
    among entries: [Int], in set: TensorSet, place: WeightsPlace, channels: Int
  ) -> (mean: Int, deviation: Int)? {
    var found: [(mean: Int, deviation: Int)] = []
    var deviationsByPlace: [[String]: Int] = [:]
    func isUsable(_ entry: Int) -> Bool {
      let components = WeightsIndex.components(set.entries[entry].name)
      guard place.kind(of: components).0 == .other || place.isBefore(components) else {
        return false
      }
      let extents = set.entries[entry].shape.extents.filter { $0 != 1 }
      return set.entries[entry].obstacle == nil && (extents.isEmpty || extents == [channels])
    }
    for entry in entries where isUsable(entry) {
      if let rest = rest(set.entries[entry].name, deviations) { deviationsByPlace[rest] = entry }
    }
    for entry in entries where isUsable(entry) {
      guard let rest = rest(set.entries[entry].name, means), let other = deviationsByPlace[rest],
        count(entry, set) == count(other, set)
      else { continue }
      found.append((entry, other))
    }
    return found.count == 1 ? found[0] : nil
  }

  private static func count(_ entry: Int, _ set: TensorSet) -> Int {
    set.entries[entry].shape.extents.first { $0 != 1 } ?? 1
  }

  /// Whether a name is that of means or deviations of inputs.
  static func isPart(_ name: String) -> Bool {
    rest(name, means.union(deviations))?.last.map(subjects.contains) ?? false
  }

  /// Whether a module seems to scale and shift the channels of inputs, by its name and the shapes of what it holds.
  static func isModule(_ name: String, of entries: [TensorEntry], channels: Int) -> Bool {
    let word = name.split(separator: ".").last?.lowercased() ?? ""
    return ["norm", "standardi", "preproc"].contains(where: word.contains)
      && entries.allSatisfy { $0.shape.extents.allSatisfy { $0 == 1 || $0 == channels } }
      && entries.contains { $0.shape.count == channels }
  }

  /// What means and deviations may be said to be of.
  private static let subjects: Set<String> = [
    "", "image", "images", "img", "pixel", "input", "inputs", "norm", "normalize", "data",
    "dataset", "rgb", "channel", "channels",
  ]

  /// A name without the word of its last component that is one of some: the same for both names of a pair.
  private static func rest(_ name: String, _ words: Set<String>) -> [String]? {
    var parts = name.split(separator: ".").map(String.init)
    guard let last = parts.popLast() else { return nil }
    if words.contains(last) { return parts + [""] }
    var pieces = last.split(separator: "_").map { $0.lowercased() }
    guard !pieces.contains("running"), let piece = pieces.firstIndex(where: words.contains) else {
      return nil
    }
    pieces.remove(at: piece)
    return parts + [pieces.joined(separator: "_")]
  }
}
