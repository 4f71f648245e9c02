import ArgumentParser
import Datasets
import Files
import Networks

/// A network in another form of file.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write a network in another form of file.",
    discussion: """
      The form is what the ending of OUT says: .safetensors (Gibbon's own, with the network's form, its input \
      and its history), .onnx (the whole network, for other programs), .pt or .pth (a state dict for `torch.load`) or \
      .npz (the parameters as NumPy's arrays). The last two hold parameters alone, under PyTorch's names.

      Example:
        gibbon convert resnet20.th resnet20.safetensors --architecture resnet20 \\
          --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
      """)

  @Argument(help: ArgumentHelp(ModelReference.help))
  var input: String

  @Argument(help: "The file to write: .safetensors, .onnx, .pt, .pth or .npz.")
  var output: String

  @OptionGroup var arguments: ModelArguments

  func run() throws {
    guard let form = Form(ending: output) else {
      throw BadArgument(
        "\(output): expected a name that ends in .safetensors, .onnx, .pt, .pth or .npz")
    }
    try OutputFiles.check(["OUT": output])
    let file = try ModelReference.load(input, arguments).file
    let bytes = try form.bytes(of: file, called: input)
    try AtomicFile.write(bytes, to: output)
    try Terminal.print(
      "\(output): \(file.network.architecture), \(file.network.parameterCount) parameters")
  }

  /// The forms that can be written.
  private enum Form {
    case safeTensors, onnx, pyTorch, numPy

    init?(ending path: String) {
      if path.hasSuffix(".npz") {
        self = .numPy
      } else {
        switch ModelFormat(ending: path) {
        case .safeTensors: self = .safeTensors
        case .pyTorch: self = .pyTorch
        case .onnx: self = .onnx
        case nil: return nil
        }
      }
    }

    func bytes(of file: NetworkFile, called reference: String) throws -> [UInt8] {
      let network = file.network
      switch self {
      case .safeTensors:
        let known = try? Architecture.named(network.architecture)
        // The file holds no graph: it must be that of a form which is known by its name.
        guard let known, (try? known.network(loading: network.parameters)) != nil else {
          throw BadArgument(
            "\(reference): is of no known architecture, which a .safetensors file would have to name;"
              + " expected another form of file")
        }
        return file.encoded()
      case .onnx: return try network.encodedForONNX(metadata: file.history)
      case .pyTorch:
        return try StateDict(name: reference, tensors: network.parameters).encodedForPyTorch()
      case .numPy:
        return try NPYContents.npz(sorted: network.parameters.mapValues { NPYContents($0) })
      }
    }
  }
}
