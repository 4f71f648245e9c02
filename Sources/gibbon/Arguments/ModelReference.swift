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
  ///   - isOther: Whether this is not the model but another one beside it.
  ///   - example: Gives the shape of an example, where the file leaves it open.
  /// - Returns: The network and what its file says of it.
  /// - Throws: An error that names the file, or the option that does not fit it.
  static func load(
    _ reference: String, _ arguments: ModelArguments, isOther: Bool = false,
    example: () throws -> Shape? = { nil }
  ) throws -> LoadedModel {
    guard RemoteReference(reference) == nil else {
      throw BadArgument(
        "\(reference) is a model elsewhere, for `gibbon attack`, `gibbon evaluate` and `gibbon predict` alone;"
          + " expected a network that runs here")
    }
    var isCarried = true
    let file =
      try onnx(reference, arguments, isOther: isOther, example, &isCarried)
      ?? load(reference, arguments, &isCarried)
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
    case .onnx: return try NetworkFile(path: reference)
    }
  }

  /// A network in an ONNX file; `nil` if the reference is something else.
  private static func onnx(
    _ reference: String, _ arguments: ModelArguments, isOther: Bool,
    _ example: () throws -> Shape?, _ isCarried: inout Bool
  ) throws -> NetworkFile? {
    guard BuiltInNetwork(rawValue: reference) == nil, WholeFile.exists(reference),
      try ModelFormat(ofFile: reference) == .onnx
    else {
      if !isOther, let option = arguments.onnx.given {
        throw BadArgument("\(option) is about ONNX files, which \(reference) is not")
      }
      return nil
    }
    let file = try arguments.onnx.read(reference, isOther: isOther, example: example)
    var arguments = arguments
    if file.takesBytes, arguments.inputRange == nil { arguments.inputRange = "0:255" }
    let carries =
      file.metadata.keys.contains { $0.hasPrefix("gibbon.input") }
      || !file.network.input.isPlain
    isCarried = carries
    // What describes the input has become the description.
    return NetworkFile(
      try arguments.describe(file.network, carries: carries, reference: reference),
      history: file.metadata.filter { !$0.key.hasPrefix("gibbon.") })
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

  /// The network.
  var network: Network { file.network }
}

/// An argument that the command cannot work with.
struct BadArgument: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
