import Files
import Settings

extension ForeignFile {
  /// Looks at the names of a ZIP archive's entries; `nil` if it may be a checkpoint of PyTorch or is unknown.
  init?(archive names: [String]) {
    func has(_ name: String) -> Bool { names.contains { $0 == name || $0.hasSuffix("/" + name) } }
    if names.contains("config.json") && (has("model.weights.h5") || names.contains("metadata.json"))
    {
      self = .keras
    } else if names.contains(where: { $0.hasSuffix("serialized_exported_program.json") })
      || has("archive_format")
      || names.contains(where: { $0.contains("models/") && $0.hasSuffix("model.json") })
    {
      self = .exportedProgram
    } else if has("constants.pkl") || names.contains(where: { $0.contains("/code/") }) {
      self = .torchScript
    } else if names.contains(where: {
      $0.contains(".data/python_version") || $0.contains(".data/extern_modules")
    }) {
      self = .torchPackage
    } else if has("MAR-INF/MANIFEST.json") {
      self = .torchServe
    } else if has("saved_model.pb") {
      self = ForeignFile(
        "a SavedModel of TensorFlow in a ZIP archive", "unpack it; " + ForeignFile.savedModel.remedy
      )
    } else if names.contains(where: { $0.contains(".mlpackage/") })
      || has("Data/com.apple.CoreML/model.mlmodel")
    {
      self = .coreML
    } else if has("saved_model/saved_model.pb") {
      self = .savedModel
    } else if let network = names.first(where: { ModelFormat(ending: $0) != nil }) {
      self = ForeignFile("a ZIP archive", "unpack it; it holds \(network)")
    } else if has("[Content_Types].xml") {
      self = ForeignFile("a document of an office program", ModelFormat.expectation)
    } else {
      return nil
    }
  }

  /// Looks at the name of a file whose content says nothing; `nil` if that says nothing either.
  init?(name path: String) {
    if path.hasSuffix(".meta") || path.contains(".data-0") && path.contains("-of-0") {
      self = .tensorFlowCheckpoint
    } else if path.hasSuffix(".bin"), WholeFile.exists(path.dropLast(3) + "xml") {
      self = ForeignFile("the weights of a network of OpenVINO", ForeignFile.openVINO.remedy)
    } else if path.hasSuffix(".pdmodel") || path.hasSuffix(".pdiparams") {
      self = .paddle
    } else if path.hasSuffix(".caffemodel") {
      self = .caffe
    } else if path.hasSuffix(".weights") {
      self = .darknet
    } else if path.hasSuffix(".msgpack") {
      self = .flax
    } else if path.hasSuffix(".mnn") || path.hasSuffix(".rknn") || path.hasSuffix(".hef") {
      self = ForeignFile(
        "a network for a device", "take the network that it was made from, as ONNX")
    } else {
      return nil
    }
  }

  /// Looks at the names in a folder; `nil` if it is none of a model.
  ///
  /// - Throws: `FileError` if it cannot be listed.
  init?(folder path: String) throws(FileError) {
    let names = Set(try Folder.names(in: path))
    func hasEnd(_ end: String) -> Bool { names.contains { $0.hasSuffix(end) } }
    if names.contains("saved_model.pb") || names.contains("saved_model.pbtxt") {
      self = .savedModel
    } else if names.contains("Manifest.json") && names.contains("Data") {
      self = .coreML
    } else if hasEnd(".distcp") || names.contains(".metadata") {
      self = .distributedCheckpoint
    } else if names.contains("_CHECKPOINT_METADATA") || names.contains("_METADATA")
      || names.contains("manifest.ocdbt")
    {
      self = .orbax
    } else if let index = names.sorted().first(where: { $0.hasSuffix(".index.json") }) {
      self = ForeignFile(
        "a folder of a model",
        "give the list of its files, with \(Setting.architecture): FILE/\(index)")
    } else if names.contains("config.json"), let weights = ForeignFile.weights(names) {
      self = ForeignFile(
        "a folder of a model",
        "give the file of its weights, with \(Setting.architecture): FILE/\(weights), or write the model as"
          + " ONNX, by torch.onnx.export")
    } else if names.contains("data.pkl") && names.contains("data") {
      self = ForeignFile(
        "a checkpoint of PyTorch that was unpacked",
        "pack it again, without compression, with its folder: `zip -r -0 weights.pt FILE`")
    } else if let networks = ForeignFile.networks(names) {
      let shown = networks.prefix(5).map { "FILE/\($0)" }.joined(separator: ", ")
      let rest = networks.count > 5 ? " and \(networks.count - 5) more" : ""
      let one = networks.count == 1 ? "the file in it" : "one of the files in it"
      self = ForeignFile("a folder", "give \(one): \(shown)\(rest)")
    } else {
      return nil
    }
  }

  private static func weights(_ names: Set<String>) -> String? {
    ["model.safetensors", "pytorch_model.bin"].first(where: names.contains)
      ?? networks(names)?.first
  }

  /// The files that are networks by their names; those that may be data as well only where there are no others.
  private static func networks(_ names: Set<String>) -> [String]? {
    let networks = names.sorted().filter { ModelFormat(ending: $0) != nil }
    let others = networks.filter { ModelFormat(ending: $0) != .numPy }
    let found = others.isEmpty ? networks : others
    return found.isEmpty ? nil : found
  }
}
