import Archives
import Files
import Settings

/// A kind of file that is read nowhere as it is, and the way from it to a file that is.
public struct ForeignFile: Hashable, Sendable {
  /// What it is, to follow "is".
  public let words: String

  /// What helps, with FILE and FOLDER where those of the file belong.
  let remedy: String

  init(_ words: String, _ remedy: String) {
    self.words = words
    self.remedy = remedy
  }

  /// What a file is and what helps, to follow "is".
  func sentence(_ path: String) -> String {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let remedy = remedy.replacing("FOLDER", with: folder).replacing("FILE", with: path)
    return "\(words); \(remedy)"
  }

  // MARK: Networks of other programs

  private static let kerasExport =
    "by `python -m tf2onnx.convert --keras FILE --output net.onnx`, or in Python: m ="
    + " keras.models.load_model('FILE'); m(numpy.zeros((1, *m.input_shape[1:]), 'f4')); m.export('net.onnx',"
    + " format='onnx')"
  static let keras = ForeignFile(
    "a model of Keras", "write it as ONNX, \(kerasExport)")
  static let hdf5 = ForeignFile(
    "an HDF5 file, as Keras writes it",
    "write its model as ONNX: `python -m tf2onnx.convert --keras FILE --output net.onnx`, or in Keras"
      + " model.export('net.onnx', format='onnx'); load weights alone into their model first")
  static let savedModel = ForeignFile(
    "a SavedModel of TensorFlow",
    "write it as ONNX: `python -m tf2onnx.convert --saved-model FILE --output net.onnx`")
  static let savedModelGraph = ForeignFile(
    "the graph of a SavedModel of TensorFlow",
    "write its folder as ONNX: `python -m tf2onnx.convert --saved-model FOLDER --output net.onnx`"
  )
  static let graphDef = ForeignFile(
    "a frozen graph of TensorFlow",
    "write it as ONNX: `python -m tf2onnx.convert --graphdef FILE --inputs NAME:0 --outputs NAME:0 --output"
      + " net.onnx`")
  static let tensorFlowCheckpoint = ForeignFile(
    "a part of a checkpoint of TensorFlow",
    "write the network as ONNX: `python -m tf2onnx.convert --checkpoint NAME.meta --inputs NAME:0 --outputs"
      + " NAME:0 --output net.onnx`, or load the weights into its model and export that")
  static let tfLite = ForeignFile(
    "a model of TensorFlow Lite",
    "write it as ONNX: `python -m tf2onnx.convert --tflite FILE --output net.onnx`")
  static let tensorFlowJS = ForeignFile(
    "a model of TensorFlow.js",
    "write it as ONNX: `python -m tf2onnx.convert --tfjs FILE --output net.onnx`")
  static let exportedProgram = ForeignFile(
    "a program of torch.export",
    "write it as ONNX: torch.onnx.export(torch.export.load('FILE'), (), 'net.onnx', external_data=False)"
  )
  static let torchScript = ForeignFile(
    "a TorchScript program",
    "save its state dict: torch.save(torch.jit.load('FILE').state_dict(), 'weights.pt'), or write it as ONNX:"
      + " torch.onnx.export(torch.jit.load('FILE'), example, 'net.onnx', dynamo=False)")
  static let torchPackage = ForeignFile(
    "a package of torch.package",
    "save the state dict of the network in it: torch.save(model.state_dict(), 'weights.pt')")
  static let distributedCheckpoint = ForeignFile(
    "a distributed checkpoint of PyTorch",
    "join it: `python -m torch.distributed.checkpoint.format_utils dcp_to_torch FILE weights.pt`")
  static let executorch = ForeignFile(
    "a program of ExecuTorch",
    "export the network that it was made from as ONNX, by torch.onnx.export")
  static let torchServe = ForeignFile(
    "an archive of TorchServe", "unpack it; the weights are in it, as .pt or .pth")
  static let gguf = ForeignFile(
    "a GGUF file",
    "it holds a language model, not a classifier; use it through program:COMMAND")
  static let ort = ForeignFile(
    "a network in ONNX Runtime's own format", "take the .onnx file that it was made from")
  static let onnxText = ForeignFile(
    "a network of ONNX as text",
    "write it as a file: onnx.save(onnx.load('FILE', format='onnxtxt'), 'net.onnx')")
  static let onnxTextProto = ForeignFile(
    "a network of ONNX as text",
    "write it as a file: onnx.save(onnx.load('FILE', format='textproto'), 'net.onnx')")
  static let onnxJSON = ForeignFile(
    "a network of ONNX as JSON",
    "write it as a file: onnx.save(onnx.load('FILE', format='json'), 'net.onnx')")
  static let openVINO = ForeignFile(
    "a network of OpenVINO", "take the network that it was made from, as ONNX")
  static let coreML = ForeignFile(
    "a model of Core ML", "take the network that it was made from, and export that as ONNX")
  static let tensorRT = ForeignFile(
    "an engine of TensorRT", "take the .onnx file that it was built from")
  static let mxNet = ForeignFile(
    "parameters of MXNet",
    "write the network as ONNX, by mxnet.onnx.export_model('NAME-symbol.json', 'FILE', shapes)")
  static let paddle = ForeignFile(
    "a network of PaddlePaddle", "write it as ONNX, by paddle2onnx")
  static let caffe = ForeignFile(
    "a network of Caffe", "write it as ONNX, with a converter such as MMdnn's")
  static let darknet = ForeignFile(
    "a network of Darknet", "write it as ONNX, with a converter of its weights")
  static let ncnn = ForeignFile(
    "a network of ncnn", "take the network that it was made from, as ONNX")
  static let flax = ForeignFile(
    "parameters of Flax, as MessagePack", "write them as arrays, by numpy.savez")
  static let orbax = ForeignFile(
    "a checkpoint of Orbax", "restore it in JAX, and write the parameters as arrays, by numpy.savez"
  )
  static let catBoost = ForeignFile(
    "a model of CatBoost", "trees have no gradients: use it through program:COMMAND")
  static let trees = ForeignFile(
    "a model of trees", "trees have no gradients: use it through program:COMMAND")
  static let joblib = ForeignFile(
    "compressed, as joblib writes it",
    "write the model in it as ONNX: of scikit-learn scalers, linear models and perceptrons by"
      + " \(ONNXOperator.scikitLearn("joblib.load('FILE')")); use others through program:COMMAND"
  )

  // MARK: Texts of others

  static let xml = ForeignFile("a text in XML", ModelFormat.expectation)
  static let json = ForeignFile("a text in JSON", ModelFormat.expectation)
}

extension ForeignFile {
  /// Looks at the beginning of a text; `nil` if it is a text of no such kind.
  init?(text: String) {
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let lower = start.prefix(2000).lowercased()
    if let standIn = StandIn(start: text.utf8) {
      self.init(standIn.words, standIn.remedy)
    } else if lower.hasPrefix("<?xml") || lower.hasPrefix("<net") {
      self = lower.contains("<net ") ? .openVINO : .xml
    } else if start.hasPrefix("{") || start.hasPrefix("[") {
      self = ForeignFile.json(start)
    } else if start.hasPrefix("ir_version:") || start.hasPrefix("producer_name:")
      || (start.hasPrefix("graph {") || start.hasPrefix("opset_import {"))
    {
      self = .onnxTextProto
    } else if start.hasPrefix("<") && lower.contains("ir_version") && lower.contains("opset_import")
    {
      self = .onnxText
    } else if start.hasPrefix("model_checkpoint_path:") {
      self = .tensorFlowCheckpoint
    } else if start.hasPrefix("7767517") {
      self = .ncnn
    } else if start.hasPrefix("[net]") {
      self = .darknet
    } else if start.hasPrefix("tree\nversion=") {
      self = .trees
    } else if (start.hasPrefix("name:") || start.hasPrefix("layer")) && start.contains("layer {") {
      self = .caffe
    } else {
      return nil
    }
  }

  private static func json(_ start: Substring) -> ForeignFile {
    if start.hasPrefix("[net]") { return darknet }
    if start.contains("\"irVersion\"") || start.contains("\"ir_version\"") { return onnxJSON }
    if start.contains("\"weightsManifest\"") || start.contains("\"modelTopology\"") {
      return tensorFlowJS
    }
    if start.contains("\"learner\"") && start.contains("\"gradient_booster\"") { return trees }
    if start.contains("\"nodes\"") && start.contains("\"arg_nodes\"") {
      return ForeignFile("the graph of a network of MXNet", mxNet.remedy)
    }
    return json
  }

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
