/// Why the values of a tensor cannot become parameters, and what helps.
struct TensorObstacle: Hashable, Sendable {
  /// What the tensor is, to follow "is".
  let words: String

  /// What to do about it.
  let remedy: String

  static let quantised = TensorObstacle(
    words: "a quantised tensor", remedy: "save the network before it is quantised")

  static let sparse = TensorObstacle(
    words: "a sparse tensor", remedy: "save it dense, by tensor.to_dense()")

  static let complex = TensorObstacle(
    words: "a tensor of complex numbers, which no known architecture has",
    remedy: "run the network elsewhere, as program:COMMAND")

  static let nested = TensorObstacle(
    words: "a nested tensor", remedy: "save its parts as tensors of their own")

  static let meta = TensorObstacle(
    words: "a tensor without values, as on PyTorch's device meta",
    remedy: "load the weights into the network before it is saved")

  static let distributed = TensorObstacle(
    words: "a part of a tensor that is spread over devices",
    remedy: "save the whole, by torch.distributed.checkpoint.state_dict.get_model_state_dict with"
      + " StateDictOptions(full_state_dict=True, cpu_offload=True)")

  /// Numbers of a type that is not read, such as `float8_e4m3fn`.
  static func type(_ name: String) -> TensorObstacle {
    if name.hasPrefix("complex") || name.hasPrefix("Complex") { return complex }
    if name.lowercased().hasPrefix("qint") || name.lowercased().hasPrefix("quint") {
      return quantised
    }
    return TensorObstacle(
      words: "a tensor of \(name)", remedy: "save it as floats, by tensor.float()")
  }

  /// A tensor that is described in a way that makes no sense.
  static func malformed(_ words: String) -> TensorObstacle {
    TensorObstacle(words: "malformed: " + words, remedy: "save the file anew")
  }
}
