public import Tensors

/// What a dictionary holds beside the parameters of a network, sorted by what it means for the network.
struct WeightsSorting {
  /// What is left out, for people.
  private(set) var surplus = WeightsSurplus()
  /// Entries that a network of another form computes with.
  private(set) var forbidden: [Int] = []
  /// All other entries that are left out.
  private(set) var others: [Int] = []
  /// The entries of the normalisation in front of the network.
  private(set) var normalization: (mean: Int, deviation: Int)?

  init() {}

  /// Sorts what is left.
  ///
  /// - Parameters:
  ///   - match: The network's parameters.
  ///   - set: The dictionary.
  ///   - besides: All networks in it, of which others are chosen by name.
  ///   - channels: The number of channels of the network's input.
  init(
    _ match: WeightsIndex.Match, in set: TensorSet, besides: [WeightsIndex.Match], channels: Int
  ) {
    let own = Set(match.entries.values).union(besides.flatMap(\.entries.values))
    let measured = Set(
      own.map { set.entries[$0].name }.filter { $0.hasSuffix("running_mean") }.map { layer($0) })
    let prefixes = besides.map(\.prefix).filter { !$0.isEmpty && !match.prefix.starts(with: $0) }
    let place = WeightsPlace(match)
    var groups: [(name: String, kind: WeightsPlace.Kind, entries: [Int])] = []
    var known: [String: Int] = [:]
    for (position, entry) in set.entries.enumerated() where !own.contains(position) {
      let components = WeightsIndex.components(entry.name)
      // PyTorch counts batches beside what it measures.
      if entry.name.hasSuffix("num_batches_tracked"), measured.contains(layer(entry.name)) {
        continue
      }
      if prefixes.contains(where: { components.starts(with: $0) }) { continue }
      let (kind, name) = place.kind(of: components)
      if let group = known[name] {
        groups[group].entries.append(position)
        if kind == .own { groups[group].kind = .own }
      } else {
        known[name] = groups.count
        groups.append((name, kind, [position]))
      }
    }
    let rest = groups.flatMap(\.entries)
    normalization = NormalizationPair.find(
      among: rest, in: set, place: place, channels: channels)
    let pair = normalization.map { [$0.mean, $0.deviation] } ?? []
    for group in groups {
      let entries = group.entries.filter { !pair.contains($0) }
      guard !entries.isEmpty else { continue }
      let all = entries.map { set.entries[$0] }
      let words =
        all.count == 1 ? all[0].name : "\(group.name).* (\(all.count) tensors)"
      let isInFront =
        group.kind == .other || place.isBefore(WeightsIndex.components(all[0].name))
      let isHalf =
        isInFront
        && (all.allSatisfy { NormalizationPair.isPart($0.name) }
          || group.kind == .other
            && NormalizationPair.isModule(group.name, of: all, channels: channels))
      if all.allSatisfy({ $0.isCounter || WeightsPlace.isCounter($0) }) {
        surplus.counters += all.map(\.name)
        others += entries
      } else if group.kind == .own, !isHalf {
        forbidden += entries.filter { !set.entries[$0].isCounter }
      } else {
        others += entries
        if isHalf {
          surplus.normalization += all.map(\.name)
        } else if WeightsPlace.isIdle(group.name) {
          surplus.idle.append(words)
        } else {
          surplus.unknown.append(words)
        }
      }
    }
  }
}

/// The name of the layer that a parameter belongs to.
private func layer(_ name: String) -> Substring {
  name.lastIndex(of: ".").map { name[..<$0] } ?? ""
}

/// A set of weights in a checkpoint that is all that a network of some form needs.
public struct WeightsFit: Sendable {
  /// What errors call the file.
  public let file: String

  /// What `--entry` calls it: the keys and the prefix under which it lies, joined by dots; "." if it lies under none.
  public let entry: String

  /// The parameters by their names in the network.
  public let parameters: [String: Tensor<Float>]

  /// The other sets of weights in the file that would have fitted, as `--entry` calls them.
  public let others: [String]

  /// What the network does to its input first, as the file has it; `nil` if it says nothing of that.
  public let normalization: WeightsNormalization?

  /// What was left out.
  public let surplus: WeightsSurplus
}

/// Means and standard deviations that a checkpoint keeps beside its network.
public struct WeightsNormalization: Hashable, Sendable {
  /// The name of the means in the file.
  public let meanName: String
  /// The name of the standard deviations in the file.
  public let deviationName: String
  /// One mean for each channel, or one for all.
  public let mean: [Float]
  /// As many standard deviations.
  public let deviation: [Float]
}

/// What a checkpoint holds beside the parameters of a network.
public struct WeightsSurplus: Hashable, Sendable {
  /// Counts of steps and the like.
  public var counters: [String] = []
  /// Parts that play no role when inputs are classified: losses, and blocks that are known to be unused.
  public var idle: [String] = []
  /// Parts that the network's form does not have.
  public var unknown: [String] = []
  /// Halves of a normalisation, or such of another number of channels.
  public var normalization: [String] = []
  /// Averages of the weights that are not whole, so that others were taken.
  public var averages: [String] = []

  /// Creates an empty list.
  public init() {}
}

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
