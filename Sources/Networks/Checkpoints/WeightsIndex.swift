import Graphs
import Tensors

/// Finds networks among the names of one dictionary, whatever stands before the names of their parameters.
struct WeightsIndex {
  /// Every end of a name that is a parameter's, with the number of the prefix before it and the entry.
  private var ends: [String: [(prefix: Int, entry: Int)]] = [:]

  /// The components of each prefix, which may be very many and are compared by their numbers alone.
  private var prefixes: [[Substring]] = []

  /// What wrappers of PyTorch put in front of names, also within them, where parts of a network are wrapped.
  private static let wrappers: Set<Substring> = [
    "module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module",
    "_ddp_module", "fsdp_wrapped_module",
  ]

  /// Names of more components than this are looked at from behind only, so that their number bounds the work.
  private static let depthLimit = 24

  /// Looks through the names of a dictionary.
  ///
  /// - Parameters:
  ///   - set: The dictionary.
  ///   - known: The names that parameters may have; no others are kept.
  init(_ set: TensorSet, known: Set<String>) {
    var numbers: [Substring: Int] = [:]
    for (entry, tensor) in set.entries.enumerated() {
      let parts = WeightsIndex.components(tensor.name)
      for start in max(0, parts.count - WeightsIndex.depthLimit)..<parts.count {
        let isLast = start == parts.count - 1
        // A wrapper at the beginning is part of the prefix.
        guard isLast || !WeightsIndex.wrappers.contains(parts[start]) else { continue }
        let inner = parts[start..<parts.count - 1].filter { !WeightsIndex.wrappers.contains($0) }
        let end = (inner + [parts[parts.count - 1]]).joined(separator: ".")
        guard known.contains(end) else { continue }
        let text = tensor.name[..<parts[start].startIndex]
        let number = numbers[text] ?? prefixes.count
        if number == prefixes.count {
          numbers[text] = number
          prefixes.append(Array(parts[..<start]))
        }
        ends[end, default: []].append((number, entry))
      }
    }
  }

  /// The parts of a name between dots.
  static func components(_ name: String) -> [Substring] {
    name.split(separator: ".", omittingEmptySubsequences: false)
  }

  /// A prefix and the entries that are a graph's parameters behind it.
  struct Match {
    /// The components of the prefix.
    let prefix: [Substring]
    /// Each parameter's entry.
    var entries: [String: Int] = [:]
    /// Where in the file the first of them is.
    var first = Int.max
  }

  /// All prefixes behind which at least one parameter of a graph is, those with the most first.
  func matches(_ parameters: [(name: String, shape: Shape)], in set: TensorSet) -> [Match] {
    var matches: [Match] = []
    var places: [Int: Int] = [:]
    for (name, _) in parameters {
      for (prefix, entry) in ends[name] ?? [] {
        let place = places[prefix] ?? matches.count
        if place == matches.count {
          places[prefix] = place
          matches.append(Match(prefix: prefixes[prefix]))
        }
        // Of two names that differ in wrappers alone the first holds.
        if matches[place].entries[name] == nil { matches[place].entries[name] = entry }
        matches[place].first = min(matches[place].first, entry)
      }
    }
    return matches.sorted {
      ($1.entries.count, $0.prefix.count, $0.first) < ($0.entries.count, $1.prefix.count, $1.first)
    }
  }
}
