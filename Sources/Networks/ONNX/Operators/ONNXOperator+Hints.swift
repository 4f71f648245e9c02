extension ONNXOperator {
  /// What helps against an operator that cannot be read, by families; that nothing is known where that is so.
  static func hint(for node: ONNXNode, in file: String, input: String) -> String {
    switch node.domain {
    case "": break
    case "com.microsoft", "com.microsoft.nchwc":
      return
        "write the file without onnxruntime's optimisations, which add custom operators, or with ORT_ENABLE_BASIC"
    case "ai.onnx.ml":
      return linear.contains(node.op)
        ? "operators of the ai.onnx.ml domain are not supported; for scikit-learn's scalers and linear models, write"
          + " standard operators by \(scikitLearn())"
        : "operators of the ai.onnx.ml domain are not supported; use program:COMMAND, for attacks from scores or labels"
    case "org.pytorch.aten", "aten": return atenHint
    default:
      return
        "a custom operator, which the file does not define; write the layer in PyTorch's or TensorFlow's own operations"
    }
    guard let family = families.first(where: { $0.operators.contains(node.op) }) else {
      return unknownHint
    }
    guard family.isCut, let value = node.inputs.first, !value.isEmpty, !input.isEmpty,
      value != input
    else {
      return family.hint
    }
    return family.hint
      + "; onnx.utils.extract_model('\(file)', 'cut.onnx', ['\(input)'], ['\(value)']) writes the network up"
      + " to there"
  }

  /// Operators of scikit-learn's models that skl2onnx writes otherwise, too.
  private static let linear: Set<String> = ["LinearClassifier", "LinearRegressor", "Scaler"]

  /// How scikit-learn's scalers, linear models and perceptrons are written in standard operators.
  ///
  /// - Parameter model: The model in Python.
  /// - Returns: A call, and what is different of some models.
  static func scikitLearn(_ model: String = "model") -> String {
    "skl2onnx.to_onnx(\(model), X[:1].astype(numpy.float32), options={'zipmap': False}, black_op={'LinearClassifier',"
      + " 'LinearRegressor', 'Scaler'}) (no options for a regression; with {'raw_scores': True} of LinearSVC and"
      + " RidgeClassifier)"
  }

  private static let atenHint =
    "export with operator_export_type=OperatorExportTypes.ONNX, which writes standard operators"

  private static let unknownHint =
    "no exporter option is known that avoids it; write that step of the network in other operations"

  private struct Family {
    let operators: Set<String>
    let hint: String
    /// Whether the network before the operator is one that can be had.
    let isCut: Bool

    init(_ operators: Set<String>, _ hint: String, isCut: Bool = false) {
      (self.operators, self.hint, self.isCut) = (operators, hint, isCut)
    }
  }

  private static let families: [Family] = [
    Family(["ATen"], atenHint),
    Family(
      [
        "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv",
        "QLinearMatMul", "ConvInteger", "MatMulInteger",
      ], "export the network before it is quantised"),
    Family(
      ["If", "Loop", "Scan", "SequenceMap"],
      "control flow: export the module itself, not torch.jit.script of it, in evaluation form by tracing,"
        + " torch.onnx.export(model.eval(), x, dynamo=False)"),
    Family(
      ["Optional", "OptionalGetElement", "OptionalHasElement"],
      "export the module itself, not torch.jit.script of it, by tracing, torch.onnx.export(model.eval(), x,"
        + " dynamo=False)"),
    Family(
      ["LSTM", "GRU", "RNN"],
      "recurrent layers are not supported, and no exporter option avoids them; use program:COMMAND, for attacks from"
        + " scores or labels"),
    Family(
      ["RotaryEmbedding", "SwiGLU"],
      "export with opset_version=20, which writes it in simpler operators"),
    Family(
      ["DFT", "STFT", "MelWeightMatrix", "HannWindow", "HammingWindow", "BlackmanWindow"],
      "no exporter option avoids spectra; compute them before the network, as part of the data"
    ),
    Family(
      [
        "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli",
        "Multinomial",
      ], "it draws at random: export the network in evaluation mode, model.eval()"),
    Family(
      ["NonMaxSuppression", "RoiAlign", "MaxRoiPool", "TopK", "Unique"],
      "its shape or order depends on values, so it has no gradient, and no exporter option avoids it; export the"
        + " network up to its scores", isCut: true),
    Family(
      ["ArgMax", "ArgMin", "Hardmax"],
      "it has no gradient: export the network up to its scores, without the choice of the largest",
      isCut: true),
    Family(
      [
        "StringNormalizer", "TfIdfVectorizer", "StringConcat", "StringSplit", "RegexFullMatch",
        "ImageDecoder",
      ],
      "texts and encoded images: export the network without this step, and prepare the data before"),
    Family(
      ["GridSample", "AffineGrid", "DeformConv", "Col2Im", "CenterCropPad"], unknownHint),
  ]
}
