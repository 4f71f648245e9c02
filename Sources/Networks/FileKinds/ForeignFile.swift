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
    "by `python -m tf2onnx.convert --keras FILE --output net.onnx`, or in Python:"
    + " model = keras.models.load_model('FILE'); model(numpy.zeros((1, *model.input_shape[1:]),"
    + " 'float32')); model.export('net.onnx', format='onnx')"
  static let keras = ForeignFile(
    "a model of Keras", "write it as ONNX, \(kerasExport)")
  static let hdf5 = ForeignFile(
    "an HDF5 file, as Keras writes it",
    "write the model in it as ONNX, \(kerasExport); weights alone are loaded into their model first"
  )
  static let savedModel = ForeignFile(
    "a SavedModel of TensorFlow",
    "write it as ONNX: `python -m tf2onnx.convert --saved-model FILE --output net.onnx`")
  static let savedModelGraph = ForeignFile(
    "the graph of a SavedModel of TensorFlow",
    "write the folder that it lies in as ONNX: `python -m tf2onnx.convert --saved-model FOLDER --output net.onnx`"
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
    "it holds a language model, which is no classifier; ask it elsewhere, as program:COMMAND")
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
    "a model of CatBoost", "trees have no gradients: ask it elsewhere, as program:COMMAND")
  static let trees = ForeignFile(
    "a model of trees", "trees have no gradients: ask it elsewhere, as program:COMMAND")
  static let joblib = ForeignFile(
    "compressed, as joblib writes it",
    "write the model in it as ONNX: of scikit-learn scalers, linear models and perceptrons by"
      + " \(ONNXOperator.scikitLearn("joblib.load('FILE')")); ask others elsewhere, as program:COMMAND"
  )

  // MARK: Texts of others

  static let xml = ForeignFile("a text in XML", ModelFormat.expectation)
  static let json = ForeignFile("a text in JSON", ModelFormat.expectation)
}
