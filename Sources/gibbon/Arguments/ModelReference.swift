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
      file: file, source: DescriptionSource(given: arguments.given, isCarried: isCarried),
      fileDigest: BuiltInNetwork(rawValue: reference) == nil ? try Digests.file(reference) : nil)
  }

  private static func load(
    _ reference: String, _ arguments: ModelArguments, _ isCarried: inout Bool
  ) throws -> NetworkFile {
    if let builtIn = BuiltInNetwork(rawValue: reference) {
      return try own(try builtIn.load(), reference, arguments)
    }
    if let scheme = reference.firstRange(of: "://") {
      throw BadArgument(
        "\(reference): a model elsewhere is asked by \(elsewhere), not by \(reference[..<scheme.lowerBound])://"
      )
    }
    guard reference.contains("/") || reference.contains(".") || WholeFile.exists(reference) else {
      throw BadArgument(
        "there is no built-in network '\(reference)'\(suggestion(for: reference)); there are \(builtInNames); "
          + "otherwise MODEL is a file: .safetensors, PyTorch's, .onnx or .npz")
    }
    guard WholeFile.exists(reference) else { return try NetworkFile(path: reference) }
    switch try ModelFormat(ofFile: reference) {
    case .safeTensors:
      if arguments.architecture == nil { return try own(reference, arguments) }
      let state = try StateDict(safeTensors: reference)
      if state.isNetwork { return try own(reference, arguments) }
      isCarried = false
      return try foreign(state, arguments)
    case .pyTorch:
      isCarried = false
      return try foreign(try StateDict(pyTorch: reference), arguments)
    case .numPy:
      isCarried = false
      let file = try NPZ(path: reference)
      var tensors: [String: Tensor<Float>] = [:]
      for name in file.names { tensors[name] = try file.array(name).tensor() }
      return try foreign(StateDict(name: reference, tensors: tensors), arguments)
    case .onnx:
      if let architecture = arguments.architecture {
        throw BadArgument(
          "\(reference): an ONNX file says its network's form itself; leave out --architecture \(architecture)"
        )
      }
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

  /// What a name that is none was probably meant to be.
  private static func suggestion(for reference: String) -> String {
    if Architecture.all.contains(where: { $0.name == reference }) {
      return
        " (that is an architecture, which `gibbon train` makes a network of, and `gibbon info` describes)"
    }
    return reference.suggestion(
      among: BuiltInNetwork.allCases.map(\.rawValue) + Architecture.all.map(\.name))
  }

  private static func own(_ path: String, _ arguments: ModelArguments) throws -> NetworkFile {
    try own(try NetworkFile(path: path), path, arguments)
  }

  /// A network that Gibbon wrote, which says all of itself.
  private static func own(
    _ file: NetworkFile, _ reference: String, _ arguments: ModelArguments
  ) throws -> NetworkFile {
    var file = file
    if let architecture = arguments.architecture, architecture != file.network.architecture {
      throw BadArgument(
        "\(reference) holds \(file.network.architecture), but --architecture is \(architecture)")
    }
    file.network = try arguments.describe(file.network, carries: true, reference: reference)
    return file
  }

  /// A network of a named form with the tensors of a foreign file.
  private static func foreign(
    _ state: StateDict, _ arguments: ModelArguments
  ) throws -> NetworkFile {
    guard let name = arguments.architecture else {
      let fitting = Architecture.fitting(state).map(\.name)
      throw BadArgument(
        "\(state.name): holds \(state.tensors.count) tensors and not the network's form; say it with"
          + " --architecture"
          + (fitting.isEmpty ? "" : ", which could be \(fitting.joined(separator: " or "))"))
    }
    let architecture = try Architecture.named(name)
    // What a form says of the input is how it was published; what the user says replaces it.
    let input =
      arguments.isPlain ? architecture.input : try arguments.description(architecture.input)
    return NetworkFile(try architecture.network(loading: state, input: input))
  }
}

/// A network, and where what is said of it comes from.
struct LoadedModel: Sendable {
  /// The network and what its file says of it.
  var file: NetworkFile
  /// Where the description of its input comes from.
  var source: DescriptionSource
  /// The digest of the file; `nil` for a network that is built in.
  var fileDigest: String?

  /// The network.
  var network: Network { file.network }
}

/// An argument that the command cannot work with.
struct BadArgument: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
