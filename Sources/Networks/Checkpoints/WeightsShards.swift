import Archives
import Files
import Graphs
import JSON
import Tensors

/// A list of the files over which the tensors of a network are spread, as Hugging Face's programs write it:
/// `model.safetensors.index.json` beside `model-00001-of-00002.safetensors`, and so on.
struct WeightsShards {
  /// The file of each tensor, by the tensor's name.
  private let files: [String: String]
  private let path: String

  /// Reads a list.
  ///
  /// - Throws: `NetworkError.file` that says what is wrong with it.
  init(_ file: FileContents, path: String) throws(NetworkError) {
    self.path = path
    let json: JSONValue
    do {
      json = try JSONValue(parsing: file.bytes)
    } catch {
      throw .file(path, "byte \(error.offset): \(error.reason)")
    }
    guard let map = json["weight_map"]?.objectValue, !map.isEmpty else {
      throw .file(path, "expected the file of each tensor under weight_map")
    }
    var files: [String: String] = [:]
    for member in map {
      guard let name = member.value.stringValue, !name.contains("/"), !name.hasPrefix("."),
        !name.isEmpty
      else {
        throw .file(path, "weight_map: expected the name of a file beside it for \(member.key)")
      }
      files[member.key] = name
    }
    self.files = files
  }

  /// The tensors of all files.
  ///
  /// - Throws: What reading a file throws; `NetworkError.file` if a tensor is not where it should be.
  func checkpoint() throws -> Checkpoint {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var shards: [String: TensorSet] = [:]
    for name in Set(files.values).sorted() {
      let shard = folder + name
      guard WholeFile.exists(shard) else {
        throw NetworkError.file(
          path, "\(name), which it lists, is not beside it; get all of its files")
      }
      let checkpoint =
        try ModelFormat(ofFile: shard) == .pyTorch
        ? Checkpoint(pyTorch: shard) : Checkpoint(SafeTensorsFile(path: shard))
      shards[name] = checkpoint.sets.first
    }
    var entries: [TensorEntry] = []
    var places: [(set: TensorSet, position: Int)] = []
    let positions = shards.mapValues { set in
      Dictionary(set.entries.enumerated().map { ($1.name, $0) }) { _, last in last }
    }
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      guard let set = shards[file], let position = positions[file]?[name] else {
        throw NetworkError.file(path, "\(name) is not in \(file), where it should be")
      }
      var entry = set.entries[position]
      // Views of different files are not the same for lying at the same place.
      entry.view = nil
      entries.append(entry)
      places.append((set, position))
    }
    let found = places
    let set = TensorSet(path: [], entries: entries) { positions in
      try positions.map { try found[$0].set.read([found[$0].position])[0] }
    }
    return Checkpoint(name: path, sets: [set])
  }

  /// Where to find the whole if a file is one of several.
  static func whole(of file: String) -> String? {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let words = name.split { $0 == "-" || $0 == "." }
    guard let middle = words.firstIndex(of: "of"), middle > 1, middle + 1 < words.count,
      let number = Int(words[middle - 1]), let count = Int(words[middle + 1]), count > 1
    else { return nil }
    let beginning = words[..<(middle - 1)].joined(separator: "-")
    let ending = words.last.map(String.init) ?? ""
    return
      "it is file \(number) of \(count): give the list of all, \(beginning).\(ending).index.json"
  }
}

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
