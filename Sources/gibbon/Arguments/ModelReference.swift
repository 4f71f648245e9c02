import Files
import Networks

/// What MODEL may be on the command line.
enum ModelReference {
  /// The built-in networks' names, for help texts.
  static var builtInNames: String {
    BuiltInNetwork.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// Reads the network that a reference names.
  static func load(_ reference: String) throws -> NetworkFile {
    if let builtIn = BuiltInNetwork(rawValue: reference) { return try builtIn.load() }
    if reference.hasSuffix(".onnx") || reference.hasSuffix(".pt") || reference.hasSuffix(".pth") {
      throw BadArgument(
        "\(reference): ONNX and PyTorch files are not supported yet; "
          + "expected a .safetensors file written by gibbon train")
    }
    guard reference.contains("/") || reference.contains(".") || WholeFile.exists(reference) else {
      throw BadArgument(
        "there is no built-in network '\(reference)'; there are \(builtInNames); "
          + "otherwise MODEL is a .safetensors file written by gibbon train")
    }
    return try NetworkFile(path: reference)
  }
}

/// An argument that the command cannot work with.
struct BadArgument: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
