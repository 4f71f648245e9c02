import Training
import Settings
import Remote
import Datasets
import Files
package import Diagnosis
package import Networks
package import Tensors

/// What a model's reference may be.
package enum ModelReference {
  /// The built-in networks' names, for help texts.
  package static var builtInNames: String {
    BuiltInNetwork.allCases.map(\.rawValue).joined(separator: ", ")
  }

  /// How remote models are named.
  package static let remote = "http://..., https://... or program:COMMAND"

  /// What MODEL may be, for help texts.
  package static var help: String {
    "A built-in network (\(builtInNames)), or a .safetensors, PyTorch, ONNX or .npz file."
  }

  /// The same where it need not be a network that runs here.
  package static var helpWithElsewhere: String {
    "\(help.dropLast()); or a remote model: \(remote)."
  }

  /// Reads the network that a reference names.
  ///
  /// - Parameters:
  ///   - reference: A built-in name or a path.
  ///   - arguments: What the file may not say of itself.
  ///   - isOther: Whether this is not the model but another one beside it.
  ///   - observer: Told what is met in the file.
  ///   - example: Gives the shape of an example, where the file leaves it open.
  /// - Returns: The network and what its file says of it.
  /// - Throws: An error that names the file, or the option that does not fit it.
  package static func load(
    _ reference: String, _ arguments: ModelSettings, isOther: Bool = false,
    telling observer: Observer = .none, example: () throws -> Shape? = { nil }
  ) throws -> LoadedModel {
    guard RemoteReference(reference) == nil else {
      throw StudyError(
        "\(reference) is a remote model, which only `gibbon attack`, `gibbon evaluate` and `gibbon predict` can use;"
          + " expected a network file or built-in network")
    }
    var isCarried = true
    let file =
      try onnx(reference, arguments, isOther: isOther, observer, example, &isCarried)
      ?? load(reference, arguments, observer, &isCarried)
    // What options say of the input is not what a training was done under.
    let isAsTrained = file.isTrained && arguments.given.isEmpty
    return LoadedModel(
      file: file,
      source: DescriptionSource(
        given: arguments.given, isCarried: isCarried,
        training: isAsTrained ? .underDescription(reached: file.reachedAccuracy) : .unknown),
      fileDigest: BuiltInNetwork(rawValue: reference) == nil ? try Digests.file(reference) : nil)
  }

  private static func load(
    _ reference: String, _ arguments: ModelSettings, _ observer: Observer,
    _ isCarried: inout Bool
  ) throws -> NetworkFile {
    if let builtIn = BuiltInNetwork(rawValue: reference) {
      return try own(try builtIn.load(), reference, arguments)
    }
    if let scheme = reference.firstRange(of: "://") {
      throw StudyError(
        "\(reference): a remote model is given as \(remote), not as \(reference[..<scheme.lowerBound])://"
      )
    }
    guard reference.contains("/") || reference.contains(".") || WholeFile.exists(reference) else {
      throw StudyError(
        "there is no built-in network '\(reference)'\(suggestion(for: reference)); there are \(builtInNames); "
          + "otherwise MODEL is a file: .safetensors, PyTorch's, .onnx or .npz")
    }
    guard WholeFile.exists(reference) else { return try NetworkFile(path: reference) }
    switch try ModelFormat(ofFile: reference) {
    case .safeTensors:
      switch try TensorFile(path: reference) {
      case .network(let file): return try own(file, reference, arguments)
      case .weights(let checkpoint):
        isCarried = false
        return try foreign(checkpoint, arguments, observer)
      }
    case .pyTorch:
      isCarried = false
      return try foreign(try Checkpoint(pyTorch: reference), arguments, observer)
    case .numPy:
      isCarried = false
      let file = try NPZ(path: reference)
      var tensors: [String: Tensor<Float>] = [:]
      for name in file.names { tensors[name] = try file.array(name).tensor() }
      return try foreign(Checkpoint(name: reference, tensors: tensors), arguments, observer)
    case .onnx: return try NetworkFile(path: reference)
    }
  }

  /// What a name that is none was probably meant to be.
  private static func suggestion(for reference: String) -> String {
    if Architecture.all.contains(where: { $0.name == reference }) {
      return
        " (an architecture: `gibbon train` makes a network of it, and `gibbon info` describes it)"
    }
    return reference.suggestion(
      among: BuiltInNetwork.allCases.map(\.rawValue) + Architecture.all.map(\.name))
  }

  /// A network in an ONNX file; `nil` if the reference is something else.
  private static func onnx(
    _ reference: String, _ arguments: ModelSettings, isOther: Bool, _ observer: Observer,
    _ example: () throws -> Shape?, _ isCarried: inout Bool
  ) throws -> NetworkFile? {
    guard BuiltInNetwork(rawValue: reference) == nil, WholeFile.exists(reference),
      try ModelFormat(ofFile: reference) == .onnx
    else {
      if !isOther, let option = arguments.onnx.given {
        throw StudyError("\(option) applies only to ONNX files; \(reference) is not one")
      }
      return nil
    }
    try arguments.checkNoEntry(reference, "an ONNX file, which is one network")
    if !isOther, let architecture = arguments.architecture {
      throw StudyError(
        "\(reference): an ONNX file says its network's form itself; leave out \(Setting.architecture) \(architecture)"
      )
    }
    let file = try arguments.onnx.read(
      reference, isOther: isOther, telling: observer, example: example)
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

  /// A network that Gibbon wrote, which says all of itself.
  private static func own(
    _ file: NetworkFile, _ reference: String, _ arguments: ModelSettings
  ) throws -> NetworkFile {
    var file = file
    try arguments.checkNoEntry(reference, "a network of Gibbon's, which is one")
    if let architecture = arguments.architecture, architecture != file.network.architecture {
      // A misspelt name is one of none.
      _ = try Architecture.named(architecture)
      throw StudyError(
        "\(reference) holds \(file.network.architecture), but \(Setting.architecture) is \(architecture)"
      )
    }
    file.network = try arguments.describe(file.network, carries: true, reference: reference)
    return file
  }

  /// A network of a named form with the tensors of a foreign file.
  private static func foreign(
    _ checkpoint: Checkpoint, _ arguments: ModelSettings, _ observer: Observer
  ) throws -> NetworkFile {
    guard let name = arguments.architecture else {
      let fitting = checkpoint.architectures(entry: arguments.entry).map(\.name)
      throw StudyError(
        "\(checkpoint.name): holds \(checkpoint.tensorCount) tensors but not the network's architecture; give it by"
          + " \(Setting.architecture)"
          + (fitting.isEmpty
            ? ", if it is one of those known; any other network is read as ONNX, from torch.onnx.export"
            : ", which could be \(fitting.joined(separator: " or "))"))
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
      throw StudyError(
        "\(fit.file): \(error); say the normalisation with \(Setting.mean) and \(Setting.std)")
    }
    WeightsNotes(fit, input: input, isNormalized: isNormalized).tell(observer)
    return NetworkFile(network)
  }
}

/// A network, and where what is said of it comes from.
package struct LoadedModel: Sendable {
  /// The network and what its file says of it.
  package var file: NetworkFile
  /// Where the description of its input comes from.
  package var source: DescriptionSource
  /// The digest of the file; `nil` for a network that is built in.
  package var fileDigest: String?

  /// The network.
  package var network: Network { file.network }
}
