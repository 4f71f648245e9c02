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
}

extension WeightsSearch {
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
