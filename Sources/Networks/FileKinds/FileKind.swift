import Archives
import Files

/// What a file seems to be by its content, whatever it is called.
public enum FileKind: Hashable, Sendable {
  /// Nothing, or nothing that is known.
  case empty, unknown
  /// What networks may be in.
  case safeTensors, onnx, zip, numPyArchive, pickle
  /// What data may be in.
  case numPyArray, idx, png, jpeg
  /// The list of the files over which a network's tensors are spread.
  case shards
  /// What is read nowhere as it is.
  case gzip, gif, pdf, text
  /// What another program reads.
  case foreign(ForeignFile)

  /// How many bytes of the beginning are worth looking at.
  public static let prefixCount = 4096

  /// Looks at a file, which is decompressed if it is gzipped.
  ///
  /// - Throws: `FileError` if the file cannot be read, `ArchiveError` if it is gzipped and damaged.
  public init(ofFile path: String) throws {
    if Folder.exists(path), let kind = try ForeignFile(folder: path) {
      self = .foreign(kind)
      return
    }
    let file = try RandomAccessFile(path: path)
    let start = try file.bytes(at: 0..<FileKind.prefixCount)
    // TensorFlow's table of tensors has its number at its end.
    if file.count >= 48,
      try file.bytes(at: file.count - 8..<file.count) == [
        0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB,
      ]
    {
      self = .foreign(.tensorFlowCheckpoint)
      return
    }
    if Gzip.isGzip(start) {
      let inside = try FileContents(inflating: path).bytes
      self.init(start: Array(inside.prefix(FileKind.prefixCount)), count: inside.count)
    } else {
      self.init(start: start, count: file.count)
    }
    if self == .unknown, let kind = ForeignFile(name: path) { self = .foreign(kind) }
    if self == .zip, let archive = try? ZipArchive(path: path),
      let kind = ForeignFile(archive: archive.entries.map(\.name))
    {
      self = .foreign(kind)
    }
  }

  /// Looks at the beginning of a file.
  ///
  /// - Parameters:
  ///   - start: Its first bytes, `prefixCount` of them or all that there are.
  ///   - count: The size of the file.
  public init(start: [UInt8], count: Int) {
    self =
      if start.isEmpty { .empty } else if FileKind.isSafeTensors(start, count) {
        .safeTensors
      } else {
        FileKind.magic(start) ?? FileKind.text(start)
          ?? ForeignFile(start: start, count: count).map { .foreign($0) }
          ?? (FileKind.isONNX(start, count) ? .onnx : .unknown)
      }
  }

  /// Numbers that files begin with; the longest first where one begins with another.
  private static let magics: [(bytes: [UInt8], kind: FileKind)] = [
    ([0x89, 0x50, 0x4E, 0x47], .png), ([0xFF, 0xD8, 0xFF], .jpeg),
    ([0x47, 0x49, 0x46, 0x38], .gif),
    ([0x25, 0x50, 0x44, 0x46], .pdf), ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], .numPyArray),
    ([0x1F, 0x8B], .gzip),
  ]

  private static func magic(_ start: [UInt8]) -> FileKind? {
    if let known = magics.first(where: { start.starts(with: $0.bytes) }) { return known.kind }
    if start.starts(with: [0x50, 0x4B, 3, 4]) || start.starts(with: [0x50, 0x4B, 5, 6]) {
      return isNumPyEntry(start) ? .numPyArchive : .zip
    }
    if start.count > 1, start[0] == 0x80, 2...5 ~= start[1] { return .pickle }
    let idxTypes: Set<UInt8> = [8, 9, 0x0B, 0x0C, 0x0D, 0x0E]
    if start.count >= 8, start[0] == 0, start[1] == 0, idxTypes.contains(start[2]),
      1...8 ~= start[3]
    {
      return .idx
    }
    return nil
  }

  /// The length of a header may look like the beginning of anything else, but not with a header behind it.
  private static func isSafeTensors(_ start: [UInt8], _ count: Int) -> Bool {
    start.count >= 9 && start[8] == UInt8(ascii: "{") && start[5..<8].allSatisfy { $0 == 0 }
  }

  /// Whether the first entry of a ZIP archive is an array.
  private static func isNumPyEntry(_ start: [UInt8]) -> Bool {
    guard start.count >= 30 else { return false }
    let length = Int(start[26]) | Int(start[27]) << 8
    return start[30...].prefix(length).suffix(4).elementsEqual(".npy".utf8)
  }

  /// Whether the fields are those of ONNX's outermost message, as far as they can be seen.
  private static func isONNX(_ start: [UInt8], _ count: Int) -> Bool {
    // Version, producer, its version, domain, model version, text; graph, opsets, metadata and functions.
    let wires: [UInt64: UInt64] = [
      1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2,
    ]
    var place = 0
    var seen: Set<UInt64> = []
    while place < start.count {
      guard let key = start.varint(at: &place), wires[key >> 3] == key & 7,
        let value = start.varint(at: &place)
      else { return false }
      seen.insert(key >> 3)
      if key & 7 == 0 {
        if key >> 3 == 1, !(1...1000 ~= value) { return false }
        continue
      }
      guard value <= UInt64(max(0, count - place)) else { return false }
      place += Int(value)
    }
    return seen.contains(1) && (seen.contains(7) || place > start.count)
  }

  /// The kind of a text, if all that is seen could be read by people.
  private static func text(_ start: [UInt8]) -> FileKind? {
    // The last character may be cut in two.
    let part = start.count < prefixCount ? start[...] : start.dropLast(4)
    guard let text = String(validating: part, as: UTF8.self),
      text.unicodeScalars.allSatisfy({ scalar in
        scalar.properties.generalCategory != .control
          || ["\n", "\r", "\t", "\u{C}"].contains(scalar)
      })
    else { return nil }
    if text.drop(while: \.isWhitespace).hasPrefix("{"), text.contains("\"weight_map\"") {
      return .shards
    }
    return ForeignFile(text: text).map { .foreign($0) } ?? .text
  }

  /// What it is, to follow "is".
  public var words: String {
    switch self {
    case .empty: "empty"
    case .safeTensors: "a safetensors file"
    case .onnx: "an ONNX file"
    case .zip: "a ZIP archive"
    case .numPyArchive: "an archive of NumPy's arrays"
    case .pickle: "a pickle of Python's"
    case .gzip: "gzipped"
    case .numPyArray: "a single array of NumPy's"
    case .idx: "an IDX file of data"
    case .png: "a PNG image"
    case .jpeg: "a JPEG image"
    case .gif: "a GIF image"
    case .shards: "a list of files of tensors"
    case .foreign(let file): file.words
    case .pdf: "a PDF document"
    case .text: "a text"
    case .unknown: "of no known format"
    }
  }
}

/// The forms of files that networks are read from.
public enum ModelFormat: String, CaseIterable, Sendable {
  /// Tensors by name, with or without Gibbon's metadata.
  case safeTensors = "safetensors"
  /// PyTorch's checkpoints, in either format.
  case pyTorch = "pt"
  /// A graph with its parameters.
  case onnx
  /// Parameters as NumPy's arrays.
  case numPy = "npz"

  /// The endings of names that belong to a form, without the dot.
  public var endings: [String] {
    switch self {
    case .safeTensors: ["safetensors"]
    case .pyTorch: ["pt", "pth", "th", "ckpt", "bin"]
    case .onnx: ["onnx"]
    case .numPy: ["npz"]
    }
  }

  /// What a network may be read from, for messages.
  public static let expectation =
    "expected a network: safetensors, PyTorch's checkpoints (.pt, .pth), .onnx, or arrays in .npz"

  /// The form that a file's name says; an ending `.gz` does not count.
  public init?(ending path: String) {
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    guard
      let format = ModelFormat.allCases.first(where: { format in
        format.endings.contains { name.hasSuffix("." + $0) }
      })
    else { return nil }
    self = format
  }

  /// The form of a file: what its content says, also behind gzip, or else its name.
  ///
  /// - Throws: `FileError` if the file cannot be read, `ArchiveError` if it is gzipped and damaged,
  ///   `NetworkError.file` if it is something else than a network; all name the file.
  public init(ofFile path: String) throws {
    let kind = try FileKind(ofFile: path)
    switch kind {
    case .safeTensors, .shards: self = .safeTensors
    case .onnx: self = .onnx
    case .zip, .pickle: self = .pyTorch
    case .numPyArchive: self = .numPy
    case .unknown:
      guard let format = ModelFormat(ending: path) else {
        throw NetworkError.file(path, "is \(kind.words), \(ModelFormat.expectation)")
      }
      self = format
    case .foreign(let file): throw NetworkError.file(path, "is \(file.sentence(path))")
    case .empty, .gzip, .numPyArray, .idx, .png, .jpeg, .gif, .pdf, .text:
      throw NetworkError.file(
        path, "is \(kind.words)\(ModelFormat.hint(kind)); \(ModelFormat.expectation)")
    }
  }

  /// What helps where it is something else.
  private static func hint(_ kind: FileKind) -> String {
    switch kind {
    case .numPyArray:
      ", which is data or one parameter; parameters are read from .npz, by their names"
    case .png, .jpeg: ", which follows the network on the command line"
    case .gzip: " twice"
    default: ""
    }
  }
}
