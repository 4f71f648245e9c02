import Pickles

/// Why a pickle that asks for more than tensors is not read, and what helps.
struct TorchRefusal {
  /// What it asks to import.
  let global: PickleGlobal
  let file: String
  /// All of the pickle, with calls that were noted and not made; `nil` if it cannot be read even so.
  let pickle: Pickle?
  /// Whether PyTorch wrote it.
  let isPyTorch: Bool

  /// Modules by whose functions a pickle can do anything to the machine.
  private static let dangerous: Set<String> = [
    "os", "posix", "nt", "subprocess", "sys", "socket", "shutil", "runpy", "importlib", "pty",
    "ctypes", "webbrowser", "builtins", "__builtin__", "code", "commands", "pickle", "marshal",
  ]

  /// One line.
  var error: NetworkError { .file(file, words) }

  private var words: String {
    let module = global.module.split(separator: ".").first.map(String.init) ?? ""
    let asks = "asks to import \(global.description.prefix(120))"
    if TorchRefusal.dangerous.contains(module) {
      return
        "\(asks), by which a pickle can run anything; nothing of it was run or read, and Python"
        + " should not load it either"
    }
    if let known = TorchRefusal.libraries.first(where: { $0.modules.contains(module) }) {
      return "\(asks), so it is \(known.words); \(known.remedy)"
    }
    if global.module.hasPrefix("torch.ao.") || global.module.hasPrefix("torch.quantization")
      || ["torchao", "bitsandbytes", "quanto", "optimum"].contains(module)
    {
      return
        "\(asks), so it is a quantised network; \(TensorObstacle.quantised.remedy), and its state"
        + " dict instead of the model"
    }
    if global.module.hasPrefix("torch.distributed") {
      return
        "\(asks), so it holds \(TensorObstacle.distributed.words); \(TensorObstacle.distributed.remedy)"
    }
    guard isPyTorch else {
      return
        "\(asks), so it is a pickle of Python's that is no checkpoint of PyTorch, and nothing of it"
        + " was read; save the tensors by torch.save, or as arrays by numpy.savez"
    }
    return
      "\(asks), which a file of tensors does not need, so nothing of it was read; save model.state_dict()"
      + " instead of the model" + (remedy.map { ": where the file can be trusted, \($0)" } ?? "")
  }

  private struct Library {
    let modules: Set<String>
    let words: String
    let remedy: String
  }

  /// Libraries whose models are pickles.
  private static let libraries = [
    Library(
      modules: ["sklearn"], words: "a model of scikit-learn",
      remedy:
        "write scalers, linear models and perceptrons as ONNX, by \(ONNXOperator.scikitLearn()); ask others"
        + " elsewhere, as program:COMMAND"),
    Library(
      modules: ["xgboost", "lightgbm", "catboost"], words: "a model of trees",
      remedy: "which has no gradients: run it elsewhere, as program:COMMAND"),
    Library(
      modules: ["joblib"], words: "a file of joblib's",
      remedy: "write the model in it as ONNX; scikit-learn's by skl2onnx.to_onnx"),
    Library(
      modules: ["keras", "tensorflow", "tf_keras"], words: "a model of Keras",
      remedy: "write it as ONNX, by model.export('net.onnx', format='onnx') or tf2onnx"),
    Library(
      modules: ["jax", "jaxlib", "flax", "haiku"], words: "a file of JAX",
      remedy: "write the parameters as arrays, by numpy.savez"),
    Library(
      modules: ["pandas"], words: "a table of pandas",
      remedy: "data follow the network on the command line"),
    Library(
      modules: ["fastai", "fasttransform"], words: "a learner of fastai",
      remedy:
        "save the state dict of its model, by torch.save(learner.model.state_dict(), 'weights.pt')"
    ),
  ]
}

extension TorchRefusal {
  /// The line of Python that saves the tensors alone, as far as the pickle shows where they are.
  private var remedy: String? {
    guard let pickle else { return nil }
    let torch = TorchPickle(pickle: pickle, file: file)
    let quoted = "'\(file.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
    let load = "torch.load(\(quoted), weights_only=False)"
    func saving(_ what: String) -> String { "torch.save(\(what), 'weights.pt')" }
    if isModule(pickle.root, pickle) { return saving("\(load).state_dict()") }
    if let sets = try? torch.dictionaries(),
      let path = WeightsRank.best(of: sets.map(\.path), counts: sets.map(\.entries.count))
    {
      if path.isEmpty {
        return saving("{k: v for k, v in \(load).items() if torch.is_tensor(v)}")
      }
      if WeightsRank(path) < .unlikely {
        return saving(
          load + path.map { key in Int(key).map { "[\($0)]" } ?? "['\(key)']" }.joined())
      }
    }
    // Thousands of objects may share one long state.
    for entry in (pickle.entries(of: pickle.root) ?? []).prefix(64)
    where isModule(entry.value, pickle) {
      if let key = pickle.text(of: entry.key) { return saving("\(load)['\(key)'].state_dict()") }
    }
    return nil
  }

  /// Whether a value is a network with its parameters.
  private func isModule(_ value: PickleValue, _ pickle: Pickle) -> Bool {
    guard let state = pickle.call(of: value)?.state else { return false }
    return pickle.entry("_modules", of: state) != nil
      || pickle.entry("_parameters", of: state) != nil
  }
}
