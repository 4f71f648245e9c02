import Tensors

/// Where a network lies among the names of a dictionary, and what other names are to it.
struct WeightsPlace {
  /// What a name is to the network.
  enum Kind {
    /// A part of one of its modules, or a further one of a series that it has.
    case own
    /// Something else.
    case other
  }

  private let prefix: [Substring]
  /// The first components of the network's own names.
  private let modules: Set<Substring>
  /// The same without numbers at their ends.
  private let series: Set<Substring>

  init(_ match: WeightsIndex.Match) {
    prefix = match.prefix
    modules = Set(match.entries.keys.compactMap { $0.split(separator: ".").first })
    series = Set(modules.map { WeightsPlace.stem($0) })
  }

  /// How many of its first components a name has in common with the network's prefix.
  private func shared(_ components: [Substring]) -> Int {
    var count = 0
    while count < min(components.count, prefix.count), components[count] == prefix[count] {
      count += 1
    }
    return count
  }

  /// What a name is, and the module that it belongs to.
  func kind(of components: [Substring]) -> (Kind, module: String) {
    let common = shared(components)
    let module = components.prefix(common + 1).joined(separator: ".")
    guard common < components.count else { return (.own, module) }
    let component = components[common]
    if common < prefix.count {
      // Numbers are stages that run one after the other.
      let isStage = Int(component) != nil && Int(prefix[common]) != nil
      return (isStage ? .own : .other, module)
    }
    let isOwn = modules.contains(component) || series.contains(WeightsPlace.stem(component))
    return (isOwn ? .own : .other, module)
  }

  /// Whether a name is that of a stage before the network.
  func isBefore(_ components: [Substring]) -> Bool {
    let common = shared(components)
    guard common < components.count, common < prefix.count, let own = Int(prefix[common]),
      let other = Int(components[common])
    else { return false }
    return other < own
  }

  /// A name without the number at its end.
  private static func stem(_ name: Substring) -> Substring {
    var stem = name
    while stem.last?.isNumber == true { stem.removeLast() }
    return stem
  }

  private static let counters: Set<String> = [
    "num_batches_tracked", "n_averaged", "num_updates", "step", "steps", "global_step", "iteration",
    "epoch", "initted", "decay",
  ]

  /// Whether a single value is named as a count.
  static func isCounter(_ entry: TensorEntry) -> Bool {
    let name = entry.name.split(separator: ".").last.map(String.init) ?? ""
    return counters.contains(name) && entry.shape.extents.allSatisfy { $0 == 1 }
  }

  private static let losses: Set<String> = [
    "criterion", "criteria", "criterions", "loss", "losses", "objective", "metric", "metrics",
    "acc",
    "accuracy",
  ]

  /// Whether a module is known to play no role when inputs are classified.
  ///
  /// `sub_block1` is registered and never used by the WideResNet of TRADES, and so by AWP, RST and many others that
  /// began with it.
  static func isIdle(_ module: String) -> Bool {
    guard let name = module.split(separator: ".").last else { return false }
    return name == "sub_block1"
      || name.lowercased().split { !$0.isLetter && !$0.isNumber }.contains {
        losses.contains(String($0))
      }
  }
}
