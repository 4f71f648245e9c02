extension ONNXOperator {
  /// What helps against an operator that cannot be read, by families; that nothing is known where that is so.
  static func hint(for op: String, domain: String) -> String {
    switch domain {
    case "", "ai.onnx": break
    case "com.microsoft", "com.microsoft.nchwc":
      return "export without onnxruntime's optimisations, which write operators of their own"
    case "ai.onnx.ml":
      return
        "trees, scalers and linear models of ONNX's machine-learning domain have no gradients here; of"
        + " scikit-learn, skl2onnx writes MLPClassifier in standard operators with options={'zipmap': False}"
    case "org.pytorch.aten", "aten": return atenHint
    default:
      return domain.hasPrefix("pkg.") || domain.hasPrefix("pytorch") || domain == "this"
        || domain.hasPrefix("local")
        ? "a function of the file: onnx.inliner.inline_local_functions writes it out"
        : "an operator of another program, for which no exporter option is known; write the layer in PyTorch's"
          + " or TensorFlow's own operations"
    }
    return families.first { $0.operators.contains(op) }?.hint ?? unknownHint
  }

  private static let atenHint =
    "export with operator_export_type=OperatorExportTypes.ONNX, which writes standard operators"

  private static let unknownHint =
    "no exporter option is known that avoids it; write that step of the network in other operations"

  private static let families: [(operators: Set<String>, hint: String)] = [
    (["ATen"], atenHint),
    (
      [
        "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv",
        "QLinearMatMul", "ConvInteger", "MatMulInteger",
      ], "export the network before it is quantised"
    ),
    (
      ["If", "Loop", "Scan"],
      "export by tracing in evaluation form, torch.onnx.export(model.eval(), x, dynamo=False), so that no"
        + " control flow remains, and simplify the file with onnxsim"
    ),
    (
      [
        "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert",
        "SequenceLength", "SequenceMap", "SplitToSequence", "ConcatFromSequence", "Optional",
        "OptionalGetElement", "OptionalHasElement",
      ],
      "lists of tensors: export by tracing, torch.onnx.export(model.eval(), x, dynamo=False), and simplify"
        + " the file with onnxsim"
    ),
    (
      ["LSTM", "GRU", "RNN"],
      "recurrent layers are not supported, and no exporter option is known that avoids them"
    ),
    (
      ["Attention", "RMSNormalization", "RotaryEmbedding", "Swish"],
      "export with opset_version=17, which writes it in simpler operators"
    ),
    (
      ["GroupNormalization"],
      "export with opset_version=17, which writes it by InstanceNormalization"
    ),
    (
      ["Mish"], "export with opset_version=17, which writes it by Softplus, Tanh and Mul"
    ),
    (
      ["Celu", "MeanVarianceNormalization", "Hardmax"],
      "a function of ONNX itself: onnx.inliner.inline_selected_functions writes it in simpler operators"
    ),
    (
      ["DFT", "STFT", "MelWeightMatrix", "HannWindow", "HammingWindow", "BlackmanWindow"],
      "no exporter option is known that avoids spectra; compute them before the network, as part of the data"
    ),
    (
      [
        "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli",
        "Multinomial",
      ], "it draws at random: export the network in evaluation form, model.eval()"
    ),
    (
      [
        "NonMaxSuppression", "RoiAlign", "MaxRoiPool", "TopK", "Unique", "NonZero", "Compress",
      ],
      "its shape or order depends on values, which has no gradient; no exporter option is known that avoids"
        + " it: export the network up to its scores"
    ),
    (
      ["ArgMax", "ArgMin"],
      "it has no gradient: export the network up to its scores, without the choice of the largest"
    ),
    (
      [
        "StringNormalizer", "TfIdfVectorizer", "StringConcat", "StringSplit", "RegexFullMatch",
        "ImageDecoder",
      ],
      "texts and encoded images: export the network without this step, and prepare the data before"
    ),
    (
      ["GridSample", "AffineGrid", "DeformConv", "Col2Im", "CenterCropPad"],
      unknownHint
    ),
    (
      ["Scatter", "ScatterElements", "ScatterND", "GatherElements", "GatherND"],
      "written for assignments to parts of tensors (x[...] = y) and selections by tensors: write them with"
        + " torch.cat or torch.where, then export again"
    ),
  ]
}
