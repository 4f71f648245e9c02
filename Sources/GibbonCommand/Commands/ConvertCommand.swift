import ArgumentParser
import Datasets
import Files
import Networks
import Settings
import Studies
import Training

/// A network in another form of file.
struct ConvertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write a network in another form of file.",
    discussion: """
      The form is what the ending of OUT says: .safetensors (Gibbon's own, with the network's form, its input \
      and its history), .onnx (the whole network, for other programs), .pt or .pth (a state dict for `torch.load`) or \
      .npz (the parameters as NumPy's arrays). The last two hold parameters alone, under the names that they have in \
      IN; what else is lost is said, with the options that give it back.

      --statistics DATA measures the running statistics of batch normalisations again, for weights that they were \
      not made with: averaged, pruned or put together by hand. Everything else stays as it is.

      Examples:
        gibbon convert mnist-robust robust.onnx
        gibbon convert resnet20.th resnet20.safetensors --architecture resnet20 \\
          --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225
        gibbon convert resnet20.th mended.safetensors --architecture resnet20 \\
          --statistics cifar10:train@cifar10
      """)

  @Argument(help: ArgumentHelp(ModelReference.help), completion: Completions.models)
  var input: String

  @Argument(help: "The file to write: .safetensors, .onnx, .pt, .pth or .npz.")
  var output: String

  @OptionGroup var arguments: ModelArguments

  @Option(
    help: ArgumentHelp(
      "Examples to measure the running statistics of batch normalisations on, such as mnist:train.",
      valueName: "data"),
    completion: Completions.data)
  var statistics: String?

  @Option(
    parsing: .unconditional,
    help: "How many of these examples to take; all by default.", transform: Parse.integer)
  var count: Int?

  @OptionGroup var form: DataFormArguments

  mutating func validate() throws {
    guard let settings else {
      guard count == nil, form.settings == DataFormSettings() else {
        throw ValidationError("--count and the options of data need --statistics; expected both")
      }
      return
    }
    try Parse.check { try settings.check() }
  }

  /// Whether the network is run.
  var computes: Bool { statistics != nil }

  /// The examples to measure on, if there are any.
  private var settings: DataSettings? {
    statistics.map { reference in
      var settings = DataSettings(reference)
      settings.count = count
      settings.form = form.settings
      return settings
    }
  }

  func run() async throws {
    guard let form = ModelFormat(ending: output), !output.hasSuffix(".gz") else {
      throw StudyError(
        "\(output): expected a name that ends in .safetensors, .onnx, .pt, .pth or .npz")
    }
    try OutputFiles.check(
      [.named("OUT", output)],
      apartFrom: OutputFiles.inputs(nil, statistics, arguments.labels, nil, data: "--statistics"))
    let file = try await measured(
      try ModelReference.load(
        input, arguments.settings, telling: TerminalObserver.observer,
        example: { try settings?.exampleShape() }
      ).file)
    let conversion = Conversion(file: file, input: input, output: output)
    let bytes = try conversion.bytes(as: form)
    try AtomicFile.write(bytes, to: output)
    if let loss = conversion.loss(as: form) { Terminal.warning(loss) }
    let what = "\(file.network.architecture), \(file.network.parameterCount) parameters"
    try Terminal.print("\(output): \(what)".terminalSafe)
  }

  /// A network with statistics of the examples that were given, if any were.
  private func measured(_ file: NetworkFile) async throws -> NetworkFile {
    guard let settings else { return file }
    let form = try InputForm(file.network, arguments.settings)
    let data = try settings.load(
      for: form, needsLabels: false, as: .statistics, telling: TerminalObserver.observer)
    let subject = Subject(input, file.network)
    try data.check(fits: subject, labels: false)
    var file = file
    file.network = try await Interrupt.guarding { [network = file.network] in
      try await network.measuringStatistics(on: data)
    }
    file.history["statistics"] = "measured on \(data.count) examples of \(settings.data)"
    return file
  }
}
