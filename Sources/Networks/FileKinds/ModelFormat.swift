import Archives
import Files

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
