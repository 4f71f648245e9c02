import Graphs

/// A value while a network is read, with its shape for one example as ONNX sees it.
struct ONNXOperand {
  enum Content {
    /// Known when the network is read; a named one is a parameter of the network.
    case known(ONNXTensor, parameter: String?)
    /// A value in the graph; a batched one holds such a value for each example.
    case value(Value, isBatched: Bool)
  }

  let content: Content
  let kind: ONNXTensor.Kind
  /// The shape at batch size 1.
  let shape: [Int]
  /// Whether it is the network's input but for elementwise arithmetic with known values.
  var isNormalizedInput = false

  init(_ tensor: ONNXTensor, parameter: String? = nil) {
    content = .known(tensor, parameter: parameter)
    kind = tensor.kind
    shape = tensor.shape
  }

  init(_ value: Value, isBatched: Bool, shape: [Int], kind: ONNXTensor.Kind = .float) {
    content = .value(value, isBatched: isBatched)
    self.kind = kind
    self.shape = shape
  }

  var rank: Int { shape.count }

  /// Number of values per example.
  var count: Int { shape.reduce(1, *) }

  var isBatched: Bool { if case .value(_, true) = content { true } else { false } }

  /// The known values, if they are.
  var known: ONNXTensor? {
    if case .known(let tensor, _) = content { tensor } else { nil }
  }

  /// Whether a trainer could change it: floats of the file that are more than one number.
  var isParameter: Bool {
    if case .known(let tensor, .some) = content {
      tensor.kind == .float && tensor.precision == .single && tensor.count > 1
    } else {
      false
    }
  }
}
