import Graphs
import Settings
import Tensors

/// The sets of weights in a checkpoint that fit a graph, the one to take first.
struct WeightsSearch {
  /// A set of weights under one prefix of one dictionary.
  struct Candidate {
    /// The dictionary.
    let set: Int
    /// The prefix, and what is where behind it.
    let match: WeightsIndex.Match
    /// What `--entry` calls it.
    let name: String
    /// What else is in the dictionary.
    var sorted = WeightsSorting()
  }

  /// What fits.
  private(set) var fits: [Candidate] = []

  /// What comes nearest if nothing fits.
  private(set) var nearest: Candidate?

  /// Averages of the weights that lack something, such as the statistics of batch normalisations, where others fit.
  private(set) var partialAverages: [String] = []

  private let checkpoint: Checkpoint
  private let graph: Graph
  private let parameters: [(name: String, shape: Shape)]
  private let channels: Int
  private let entry: String?

  /// The index of each dictionary, of names that the parameters of some graphs have.
  static func indices(of checkpoint: Checkpoint, for graphs: [Graph]) -> [WeightsIndex] {
    let known = Set(graphs.flatMap { $0.parameters.map(\.name) })
    return checkpoint.sets.map { WeightsIndex($0, known: known) }
  }

  init(
    _ checkpoint: Checkpoint, graph: Graph, entry: String?, indices: [WeightsIndex]? = nil,
    seeksNearest: Bool = true
  ) {
    self.checkpoint = checkpoint
    self.graph = graph
    self.entry = entry
    parameters = graph.parameters.map { ($0.name, graph[$0.value].extents.shape(batch: 1)) }
    channels = graph.inputs.first.map { graph[$0.value].extents.values[1] } ?? 0
    let indices = indices ?? WeightsSearch.indices(of: checkpoint, for: [graph])
    var whole: [Candidate] = []
    var parts: [(candidate: Candidate, count: Int)] = []
    for (place, set) in checkpoint.sets.enumerated() {
      if entry == nil, WeightsRank(set.path) >= .unlikely { continue }
      let matches = indices[place].matches(parameters, in: set)
      // A hostile file may have as many prefixes as names.
      for match in matches.prefix(256) {
        let candidate = Candidate(
          set: place, match: match,
          name: WeightsSearch.name(set.path + match.prefix.map(String.init)))
        let count = parameters.count { name, shape in
          guard let place = match.entries[name] else { return false }
          return set.entries[place].obstacle == nil && set.entries[place].shape == shape
        }
        if count == parameters.count { whole.append(candidate) }
        parts.append((candidate, count))
      }
    }
    let matches = Dictionary(grouping: whole, by: \.set).mapValues { $0.map(\.match) }
    for index in whole.indices {
      let set = whole[index].set
      whole[index].sorted = WeightsSorting(
        whole[index].match, in: checkpoint.sets[set], besides: matches[set] ?? [],
        channels: channels)
    }
    fits = chosen(whole.filter { $0.sorted.forbidden.isEmpty })
    if entry == nil, let taken = fits.first, rank(taken) != .averaged {
      let sets = checkpoint.sets.filter {
        WeightsRank($0.path) == .averaged && 2 * $0.entries.count >= parameters.count
      }.map { WeightsSearch.name($0.path) }
      let prefixed = parts.filter { part in
        rank(part.candidate) == .averaged && 2 * part.count >= parameters.count
          && part.count < parameters.count
      }.map(\.candidate.name)
      partialAverages = sets + prefixed.filter { !sets.contains($0) }
    }
    guard fits.isEmpty, seeksNearest else { return }
    let near = parts.filter { isNamed($0.candidate.name) }.max { left, right in
      if left.count != right.count { return left.count < right.count }
      if left.candidate.match.entries.count != right.candidate.match.entries.count {
        return left.candidate.match.entries.count < right.candidate.match.entries.count
      }
      return rank(left.candidate) > rank(right.candidate)
    }
    nearest = near?.candidate
    if let near = nearest {
      nearest?.sorted = WeightsSorting(
        near.match, in: checkpoint.sets[near.set], besides: [], channels: channels)
    }
  }

  /// What `--entry` calls the keys and prefixes of a set.
  static func name(_ path: [String]) -> String { path.isEmpty ? "." : path.joined(separator: ".") }

  private func rank(_ candidate: Candidate) -> WeightsRank {
    WeightsRank(
      checkpoint.sets[candidate.set].path + candidate.match.prefix.map(String.init))
  }

  /// Whether a name is that of the entry that is wanted, or begins or ends with it.
  private func isNamed(_ name: String) -> Bool {
    guard let entry else { return true }
    return name == entry || name.hasPrefix(entry + ".") || name.hasSuffix("." + entry)
  }

  /// What may be taken, the likeliest first, and of names of the same values one.
  private func chosen(_ candidates: [Candidate]) -> [Candidate] {
    var named = candidates.filter { isNamed($0.name) }
    if let exact = named.first(where: { $0.name == entry }) { named = [exact] }
    if entry == nil { named = named.filter { rank($0) < .unlikely } }
    // Of equals the first in the file comes first.
    let order = named.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }.map(\.element)
    var seen: Set<[TorchStorages.View]> = []
    return order.filter { candidate in
      let entries = checkpoint.sets[candidate.set].entries
      let views = parameters.compactMap {
        candidate.match.entries[$0.name].flatMap { entries[$0].view }
      }
      return views.count < parameters.count || seen.insert(views).inserted
    }
  }

  /// Why nothing fits.
  func refusal(_ architecture: Architecture, hints: [String]) -> NetworkError {
    let sets = checkpoint.sets
    guard let near = nearest else {
      if let entry {
        let names = sets.filter { WeightsRank($0.path) < .unlikely }.map {
          WeightsSearch.name($0.path)
        }
        let all = WeightsSearch(checkpoint, graph: graph, entry: nil).fits
        let known = all.isEmpty ? names : all.map(\.name)
        return .file(
          checkpoint.name,
          "there is no entry '\(entry)' with weights of \(architecture.name); "
            + (known == ["."]
              ? "the weights are the file itself, without entries: leave out \(Setting.entry)"
              : (all.isEmpty ? "the file has " : "there is ")
                + known.prefix(8).map { String($0.prefix(100)) }.joined(separator: ", ")))
      }
      if let refused = sets.flatMap(\.entries).first(where: { $0.obstacle != nil }) {
        return refused.refusal(in: checkpoint.name)
      }
      let best = WeightsRank.best(of: sets.map(\.path), counts: sets.map(\.entries.count))
      let surplus = sets.first { $0.path == best }?.entries.map {
        "\($0.name) (\($0.shape)) is surplus"
      }
      return problem(
        architecture,
        parameters.map { "\($0.name) (\($0.shape)) is missing" } + (surplus ?? []), hints)
    }
    let entries = sets[near.set].entries
    var problems: [String] = []
    for (name, shape) in parameters {
      guard let place = near.match.entries[name] else {
        // Parts of a layer that are quantised or the like stand for what is missing.
        if let refused = entries.first(where: { $0.obstacle != nil }) {
          return refused.refusal(in: checkpoint.name)
        }
        problems.append("\(name) (\(shape)) is missing")
        continue
      }
      let other = entries[place]
      if other.obstacle != nil { return other.refusal(in: checkpoint.name) }
      if other.shape != shape { problems.append("\(name) is \(other.shape) instead of \(shape)") }
    }
    let surplus = near.sorted.forbidden + (problems.isEmpty ? [] : near.sorted.others)
    problems += surplus.map { "\(entries[$0].name) (\(entries[$0].shape)) is surplus" }
    return problem(architecture, problems, hints)
  }

  private func problem(
    _ architecture: Architecture, _ problems: [String], _ hints: [String]
  ) -> NetworkError {
    let error = NetworkError.parameters(architecture: architecture.name, problems: problems)
    return .file(checkpoint.name, ([error.description] + hints).joined(separator: "; "))
  }
}

extension TensorEntry {
  /// That it cannot be a parameter.
  func refusal(in file: String) -> NetworkError {
    let obstacle = obstacle ?? .malformed("it has no values")
    return .file(file, "\(name.prefix(200)) is \(obstacle.words); \(obstacle.remedy)")
  }
}

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

/// Which of several sets of weights in a file an evaluation takes: the lower, the sooner.
///
/// Averages of the weights come first: they are what is evaluated where they are kept, as by timm (`state_dict_ema`,
/// `model_ema`), Ultralytics (`ema`) and RobustBench's recipes (`model_state_dict` beside
/// `unaveraged_model_state_dict`). Then come the keys that most programs use, then others in the file's order. What belongs
/// to an optimiser is never taken unasked.
struct WeightsRank: Comparable, Sendable {
  private let value: Int

  private init(value: Int) { self.value = value }

  /// Keys of state dicts, likeliest first.
  private static let keys = [
    "state_dict", "model_state_dict", "model", "net", "network", "model_state", "module", "weights",
    "params", "parameters",
  ]

  private static let averages: Set<String> = [
    "ema", "swa", "averaged", "average", "avg", "wa", "polyak", "shadow",
  ]
  private static let raw: Set<String> = ["unaveraged", "online", "raw"]
  private static let optimizer: Set<String> = [
    "optimizer", "optimizers", "optim", "opt", "optimiser", "scheduler", "grad", "grads",
    "gradients", "momentum",
  ]

  /// Averages of the weights, which are taken first.
  static let averaged = WeightsRank(value: 0)

  /// What is never taken unasked.
  static let unlikely = WeightsRank(value: 1000)

  /// The rank of what lies under some keys and prefixes.
  init(_ path: [String]) {
    let words = Set(
      path.flatMap { $0.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init) })
    if !words.isDisjoint(with: WeightsRank.optimizer)
      || path.contains(where: { $0.hasPrefix("exp_avg") })
    {
      self = .unlikely
    } else if !words.isDisjoint(with: WeightsRank.raw) {
      self.init(value: 900)
    } else if !words.isDisjoint(with: WeightsRank.averages) {
      self = .averaged
    } else if let first = path.first {
      self.init(value: WeightsRank.keys.firstIndex(of: first).map { 2 + $0 } ?? 800)
    } else {
      self.init(value: 1)
    }
  }

  static func < (left: WeightsRank, right: WeightsRank) -> Bool { left.value < right.value }

  /// The path that would be taken where nothing else tells; of equals that with most tensors, then the first.
  static func best(of paths: [[String]], counts: [Int]) -> [String]? {
    let order = paths.indices.min { left, right in
      let ranks = (WeightsRank(paths[left]), WeightsRank(paths[right]))
      if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
      return (-counts[left], left) < (-counts[right], right)
    }
    return order.map { paths[$0] }
  }
}
