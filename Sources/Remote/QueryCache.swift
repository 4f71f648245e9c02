import Crypto
import Files
import JSON
import Tensors

/// The answers of a model, by the inputs they are about; kept in a file if one is named.
///
/// The file is a `RecordFile`, which several runs may share: its title is JSON that says what was asked, and each record
/// is the SHA-256 of an input and the numbers of its answer, little-endian. What others have added is read before anything is
/// asked.
struct QueryCache {
  private var answers: [Digest: [Float]] = [:]
  /// What this run has kept.
  private var own: [Digest] = []
  private var file: RecordFile?
  private let path: String?
  private let width: Int
  private let note: @Sendable (String) -> Void

  /// What titles begin with.
  private static let start = "{\"gibbon_queries\":"
  private static let version = 2

  struct Digest: Hashable {
    let words: [UInt8]
  }

  /// What the file is about.
  struct Subject {
    /// What the model is called.
    let model: String
    /// What else tells it from others, where something in its name is not shown.
    let digest: String?
    let shape: Shape

    /// The title of its file.
    fileprivate func title(_ kind: Contract.Kind) -> String {
      let line: JSONValue = [
        "gibbon_queries": JSONValue(QueryCache.version), "model": JSONValue(model),
        "digest": JSONValue(digest), "shape": JSONValue("\(shape)"),
        "answer": kind == .labels ? "labels" : "outputs", "width": JSONValue(kind.width),
      ]
      return line.text(.compact)
    }
  }

  /// How a model answers, by what a file keeps of it; `nil` if it keeps nothing yet.
  ///
  /// - Throws: `RemoteError.cache` if the file is about something else, or damaged; `FileError`.
  static func kind(in path: String, of subject: Subject) throws -> Contract.Kind? {
    let found = try RecordFile.beginning(of: path, kind: start)
    if found == .nothing { return nil }
    let title = try title(found, path)
    guard let width = title["width"]?.intValue, 1..<1 << 24 ~= width else {
      throw RemoteError.cache(path: path, problem: "not a file of queries; expected another name")
    }
    guard title["model"]?.stringValue == subject.model,
      title["shape"]?.stringValue == "\(subject.shape)"
    else {
      throw RemoteError.cache(
        path: path,
        problem: "holds answers of \(title["model"]?.stringValue ?? "another model") for inputs of"
          + " \(title["shape"]?.stringValue ?? "another shape"), and this is \(subject.model) for inputs of"
          + " \(subject.shape); expected another name")
    }
    guard title["digest"]?.stringValue == subject.digest else {
      throw RemoteError.cache(
        path: path,
        problem:
          "holds answers of a model at another address (it differs from \(subject.model) in a part that is hidden);"
          + " expected another name")
    }
    return title["answer"] == "labels" ? .labels : .outputs(width)
  }

  private static func title(
    _ found: RecordFile.Beginning, _ path: String
  ) throws(RemoteError) -> JSONValue {
    switch found {
    case .title(let text):
      if let title = try? JSONValue(parsing: text), title["gibbon_queries"]?.intValue == version {
        return title
      }
    case .damaged:
      throw .cache(
        path: path,
        problem:
          "its first line is damaged, or from a version of Gibbon without checksums; expected another name"
      )
    case .nothing, .foreign: break
    }
    throw .cache(path: path, problem: "not a file of queries; expected another name")
  }

  /// Opens or begins a cache.
  ///
  /// - Parameters:
  ///   - path: The file, if there is to be one.
  ///   - subject: The model.
  ///   - kind: How it answers.
  ///   - note: Told about damage.
  /// - Throws: `RemoteError.cache` if the file is about something else; `FileError`.
  init(
    path: String?, subject: Subject, kind: Contract.Kind, note: @escaping @Sendable (String) -> Void
  ) throws {
    self.path = path
    self.note = note
    width = kind.width
    guard let path else { return }
    let (file, found) = try RecordFile.open(path, title: subject.title(kind), kind: Self.start)
    guard let file else {
      // Another run may have begun it meanwhile.
      _ = try Self.kind(in: path, of: subject)
      _ = try Self.title(found, path)
      throw RemoteError.cache(
        path: path, problem: "holds answers of another kind; expected another name")
    }
    self.file = file
    try refresh()
  }

  /// The answer for an input, if it is known.
  subscript(digest: Digest) -> [Float]? { answers[digest] }

  /// Learns what other runs have added to the file.
  mutating func refresh() throws {
    var new: [(Digest, [Float])] = []
    let width = width
    let damaged = try file?.read { Self.decode($0, width, into: &new) } ?? 0
    learn(new, damaged)
  }

  /// Keeps answers, in the file first.
  mutating func keep(_ new: [(Digest, [Float])]) throws {
    var others: [(Digest, [Float])] = []
    let width = width
    let damaged =
      try file?.append(new.map(Self.encode)) { Self.decode($0, width, into: &others) } ?? 0
    // What this run was told counts in this run.
    learn(others + new, damaged)
    own += new.map(\.0)
  }

  /// Makes all answers of this run void, in the file as well: a record of an input without numbers.
  mutating func void() throws {
    for digest in own { answers[digest] = nil }
    let records = own.map(\.words)
    own = []
    guard !records.isEmpty else { return }
    _ = try file?.append(records)
  }

  private mutating func learn(_ new: [(Digest, [Float])], _ damaged: Int) {
    for (digest, numbers) in new { answers[digest] = numbers.isEmpty ? nil : numbers }
    guard damaged > 0, let path else { return }
    note(
      "\(path): \(damaged == 1 ? "1 answer is" : "\(damaged) answers are") damaged and not used; the model is asked"
        + " again where needed")
  }

  private static func encode(_ digest: Digest, _ numbers: [Float]) -> [UInt8] {
    numbers.reduce(into: digest.words) { bytes, number in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
    }
  }

  private static func decode(
    _ record: ArraySlice<UInt8>, _ width: Int, into all: inout [(Digest, [Float])]
  ) {
    guard record.count == 32 + 4 * width || record.count == 32 else { return }
    guard record.count > 32 else { return all.append((Digest(words: Array(record)), [])) }
    let numbers = (0..<width).map { index -> Float in
      let bytes = record.dropFirst(32 + 4 * index).prefix(4)
      return Float(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
    all.append((Digest(words: Array(record.prefix(32))), numbers))
  }

  /// The name of an input.
  static func digest(of row: UnsafeBufferPointer<Float>) -> Digest {
    Digest(words: Array(SHA256.hash(data: UnsafeRawBufferPointer(row))))
  }
}
