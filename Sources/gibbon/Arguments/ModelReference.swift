import Datasets
import Diagnosis
import Files
import Networks
import Remote
import Tensors

/// What MODEL may be on the command line.
enum ModelReference {
  /// The built-in networks' names, for help texts.
  static var builtInNames: String {
    BuiltInNetwork.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// How models elsewhere are named.
  static let elsewhere = "http://..., https://... or program:COMMAND"

  /// What MODEL may be, for help texts.
  static var help: String {
    "A built-in network (\(builtInNames)), or a .safetensors, PyTorch, ONNX or .npz file."
  }

  /// The same where it need not be a network that runs here.
  static var helpWithElsewhere: String { "\(help.dropLast()); or a model elsewhere: \(elsewhere)." }

  /// Reads the network that a reference names.
  ///
  /// - Parameters:
  ///   - reference: A built-in name or a path.
  ///   - arguments: What the file may not say of itself.
  /// - Returns: The network and what its file says of it.
  /// - Throws: An error that names the file, or the option that does not fit it.
  static func load(
    _ reference: String, _ arguments: ModelArguments
  ) throws -> LoadedModel {
    guard RemoteReference(reference) == nil else {
      throw BadArgument(
        "\(reference) is a model elsewhere, for `gibbon attack`, `gibbon evaluate` and `gibbon predict` alone;"
          + " expected a network that runs here")
    }
    var isCarried = true
    let file = try load(reference, arguments, &isCarried)
    return LoadedModel(
      file: file, source: DescriptionSource(given: arguments.given, isCarried: isCarried))
  }

  private static func load(
    _ reference: String, _ arguments: ModelArguments, _ isCarried: inout Bool
  ) throws -> NetworkFile {
    if let builtIn = BuiltInNetwork(rawValue: reference) {
      return try own(try builtIn.load(), reference, arguments)
    }
    guard reference.contains("/") || reference.contains(".") || WholeFile.exists(reference) else {
      throw BadArgument(
        "there is no built-in network '\(reference)'; there are \(builtInNames); "
          + "otherwise MODEL is a file: .safetensors, PyTorch's, .onnx or .npz")
    }
    guard WholeFile.exists(reference) else { return try NetworkFile(path: reference) }
    switch try ModelFormat(ofFile: reference) {
    case .safeTensors:
      switch try TensorFile(path: reference) {
      case .network(let file): return try own(file, reference, arguments)
      case .weights(let checkpoint):
        isCarried = false
        return try foreign(checkpoint, arguments)
      }
    case .pyTorch:
      isCarried = false
      return try foreign(try Checkpoint(pyTorch: reference), arguments)
    case .numPy:
      isCarried = false
      let file = try NPZ(path: reference)
      var tensors: [String: Tensor<Float>] = [:]
      for name in file.names { tensors[name] = try file.array(name).tensor() }
      return try foreign(Checkpoint(name: reference, tensors: tensors), arguments)
    case .onnx:
      try arguments.checkNoEntry(reference, "an ONNX file, which is one network")
      let file = try ONNXFile(path: reference)
      let carries =
        file.metadata.keys.contains { $0.hasPrefix("gibbon.input") }
        || !file.network.input.isPlain
      isCarried = carries
      // What describes the input has become the description.
      return NetworkFile(
        try arguments.describe(file.network, carries: carries, reference: reference),
        history: file.metadata.filter { !$0.key.hasPrefix("gibbon.") })
    }
  }

  /// A network that Gibbon wrote, which says all of itself.
  private static func own(
    _ file: NetworkFile, _ reference: String, _ arguments: ModelArguments
  ) throws -> NetworkFile {
    var file = file
    try arguments.checkNoEntry(reference, "a network of Gibbon's, which is one")
    if let architecture = arguments.architecture, architecture != file.network.architecture {
      throw BadArgument(
        "\(reference) holds \(file.network.architecture), but --architecture is \(architecture)")
    }
    file.network = try arguments.describe(file.network, carries: true, reference: reference)
    return file
  }

  /// A network of a named form with the tensors of a foreign file.
  private static func foreign(
    _ checkpoint: Checkpoint, _ arguments: ModelArguments
  ) throws -> NetworkFile {
    guard let name = arguments.architecture else {
      let fitting = checkpoint.architectures(entry: arguments.entry).map(\.name)
      throw BadArgument(
        "\(checkpoint.name): holds \(checkpoint.tensorCount) tensors and not the network's form; say it with"
          + " --architecture"
          + (fitting.isEmpty ? "" : ", which could be \(fitting.joined(separator: " or "))"))
    }
    let architecture = try Architecture.named(name)
    let isNormalized = arguments.mean != nil
    let fit = try checkpoint.fit(
      to: architecture, entry: arguments.entry, ignoresNormalization: isNormalized)
    // What a form says of the input is how it was published; what the file says of it replaces that, and what the user
    // says both.
    let plain = architecture.input.normalizing(by: isNormalized ? nil : fit.normalization)
    let input = arguments.isPlain ? plain : try arguments.description(plain)
    let network: Network
    do {
      network = try architecture.network(loading: fit, input: input)
    } catch let error as NetworkError where fit.normalization != nil && !isNormalized {
      throw BadArgument("\(fit.file): \(error); say the normalisation with --mean and --std")
    }
    WeightsNotes(fit, input: input, isNormalized: isNormalized).tell()
    return NetworkFile(network)
  }
}

/// A network, and where what is said of it comes from.
struct LoadedModel: Sendable {
  /// The network and what its file says of it.
  var file: NetworkFile
  /// Where the description of its input comes from.
  var source: DescriptionSource

  /// The network.
  var network: Network { file.network }
}

/// An argument that the command cannot work with.
struct BadArgument: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
