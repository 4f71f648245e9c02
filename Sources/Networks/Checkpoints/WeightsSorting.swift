import Tensors

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
