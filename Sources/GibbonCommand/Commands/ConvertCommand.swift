import Networks
import Files
import Studies
import ArgumentParser

/// A network in another form of file.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write a network in another form of file.",
    discussion: """
      The form is what the ending of OUT says: .safetensors (Gibbon's own, with the network's form, its input \
      and its history), .onnx (the whole network, for other programs), .pt or .pth (a state dict for `torch.load`) or \
      .npz (the parameters as NumPy's arrays). The last two hold parameters alone, under the names that they have in \
      IN; what else is lost is said, with the options that give it back.

      Examples:
        gibbon convert mnist-robust robust.onnx
        gibbon convert mnist-robust robust.pt
        gibbon convert resnet20.th resnet20.safetensors --architecture resnet20 \\
          --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
      """)

  @Argument(help: ArgumentHelp(ModelReference.help), completion: Completions.models)
  var input: String

  @Argument(help: "The file to write: .safetensors, .onnx, .pt, .pth or .npz.")
  var output: String

  @OptionGroup var arguments: ModelArguments

  func run() throws {
    guard let form = ModelFormat(ending: output), !output.hasSuffix(".gz") else {
      throw StudyError(
        "\(output): expected a name that ends in .safetensors, .onnx, .pt, .pth or .npz")
    }
    try OutputFiles.check([.named("OUT", output)])
    let file = try ModelReference.load(
      input, arguments.settings, telling: TerminalObserver.observer
    ).file
    let conversion = Conversion(file: file, input: input, output: output)
    let bytes = try conversion.bytes(as: form)
    try AtomicFile.write(bytes, to: output)
    if let loss = conversion.loss(as: form) { Terminal.warning(loss) }
    let what = "\(file.network.architecture), \(file.network.parameterCount) parameters"
    try Terminal.print("\(output): \(what)".terminalSafe)
  }
}
