import Networks

/// A form of file that outsiders give us, and how it is read.
enum Format: String, CaseIterable {
  case onnx
  case safetensors

  /// Reads a file; what it throws is what is expected of a damaged one.
  func read(_ bytes: [UInt8]) throws {
    switch self {
    case .onnx: _ = try ONNXFile(bytes: bytes, name: "mutant", folder: "/nonexistent/")
    case .safetensors: _ = try NetworkFile(bytes: bytes, name: "mutant")
    }
  }
}
