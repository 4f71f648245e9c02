import Archives
import Files
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
