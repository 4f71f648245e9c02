public import Files

/// The forms of files that networks are read from.
public enum ModelFormat: String, CaseIterable, Sendable {
  /// Tensors by name, with or without Gibbon's metadata.
  case safeTensors = "safetensors"
  /// PyTorch's checkpoints, in either format.
  case pyTorch = "pt"
  /// A graph with its parameters.
  case onnx

  /// The endings of names that belong to a form, without the dot.
  public var endings: [String] {
    switch self {
    case .safeTensors: ["safetensors"]
    case .pyTorch: ["pt", "pth", "th", "ckpt", "bin"]
    case .onnx: ["onnx"]
    }
  }

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

  /// The form of a file: what its first bytes say, or else its name; what is neither is safetensors.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  public init(ofFile path: String) throws(FileError) {
    let start = try RandomAccessFile(path: path).bytes(at: 0..<9)
    // The length of a safetensors header may look like the beginning of a pickle.
    if start.count == 9, start[8] == UInt8(ascii: "{"), start[5..<8].allSatisfy({ $0 == 0 }) {
      self = .safeTensors
    } else if start.starts(with: [0x50, 0x4B, 3, 4]) || start.starts(with: [0x80, 2]) {
      self = .pyTorch
    } else {
      self = ModelFormat(ending: path) ?? .safeTensors
    }
  }
}
