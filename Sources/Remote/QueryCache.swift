import Crypto
import Files
import Reports
import Tensors

/// The answers of a model, by the inputs they are about; kept in a file if one is named.
///
/// The file begins with a line of JSON that says what was asked; then come records of one size: the SHA-256 of an
/// input and the numbers of its answer, little-endian. A last record that is cut short is left out.
struct QueryCache {
  private var answers: [Digest: [Float]] = [:]
  private var file: AppendingFile?
  private let path: String?
  private let header: [UInt8]

  struct Digest: Hashable {
    let words: [UInt8]
  }

  /// What the file is about.
  struct Subject {
    let model: String
    let shape: Shape
    let kind: Contract.Kind
  }

  /// How a model answers, by what a file keeps of it; `nil` if it keeps nothing yet.
  ///
  /// - Throws: `RemoteError.cache` if the file is about something else; `FileError`.
  static func kind(in path: String, of model: String, shape: Shape) throws -> Contract.Kind? {
    guard WholeFile.exists(path) else { return nil }
    let file = try RandomAccessFile(path: path)
    guard file.count > 0 else { return nil }
    let start = try file.bytes(at: 0..<min(4096, file.count))
    guard let first = try? JSONValue(parsing: Array(start.prefix { $0 != 10 })),
      first["gibbon_queries"] == 1, let width = first["width"]?.intValue, 1..<1 << 24 ~= width
    else {
      throw RemoteError.cache(path: path, problem: "not a file of queries; expected another name")
    }
    guard first["model"]?.stringValue == model, first["shape"]?.stringValue == "\(shape)" else {
      throw RemoteError.cache(
        path: path,
        problem: "holds answers of \(first["model"]?.stringValue ?? "another model") for inputs of"
          + " \(first["shape"]?.stringValue ?? "another shape"), and this is \(model) for inputs of"
          + " \(shape); expected another name")
    }
    return first["answer"] == "labels" ? .labels : .outputs(width)
  }

  /// Opens or begins a cache.
  ///
  /// - Throws: `RemoteError.cache` if the file is about something else; `FileError`.
  init(path: String?, subject: Subject) throws {
    self.path = path
    let width =
      switch subject.kind {
      case .outputs(let count): count
      case .labels: 1
      }
    let line: JSONValue = [
      "gibbon_queries": 1, "model": JSONValue(subject.model),
      "shape": JSONValue("\(subject.shape)"),
      "answer": subject.kind == .labels ? "labels" : "outputs", "width": JSONValue(width),
    ]
    header = Array((line.text(.compact) + "\n").utf8)
    guard let path else { return }
    guard try QueryCache.kind(in: path, of: subject.model, shape: subject.shape) != nil else {
      file = try AppendingFile(path: path, cutTo: 0)
      try file?.append(header)
      return
    }
    let old = try RandomAccessFile(path: path)
    guard old.count >= header.count, try old.bytes(at: 0..<header.count) == header else {
      throw RemoteError.cache(
        path: path, problem: "holds answers of another kind; expected another name")
    }
    let size = 32 + 4 * width
    let count = (old.count - header.count) / size
    var place = header.count
    let piece = max(1, (1 << 20) / size)
    for first in stride(from: 0, to: count, by: piece) {
      let bytes = try old.bytes(at: place..<place + min(piece, count - first) * size)
      for start in stride(from: 0, to: bytes.count, by: size) {
        let numbers = (0..<width).map { index -> Float in
          let at = start + 32 + 4 * index
          let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
          return Float(bitPattern: bits)
        }
        answers[Digest(words: Array(bytes[start..<start + 32]))] = numbers
      }
      place += bytes.count
    }
    file = try AppendingFile(path: path, cutTo: place)
  }

  /// The number of inputs whose answer is known.
  var count: Int { answers.count }

  /// The answer for an input, if it is known.
  subscript(digest: Digest) -> [Float]? { answers[digest] }

  /// Keeps answers, in the file first.
  mutating func keep(_ new: [(Digest, [Float])]) throws {
    if let file {
      var bytes: [UInt8] = []
      for (digest, numbers) in new {
        bytes += digest.words
        for number in numbers {
          for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
          }
        }
      }
      try file.append(bytes)
    }
    for (digest, numbers) in new { answers[digest] = numbers }
  }

  /// The name of an input.
  static func digest(of row: UnsafeBufferPointer<Float>) -> Digest {
    Digest(words: Array(SHA256.hash(data: UnsafeRawBufferPointer(row))))
  }
}
