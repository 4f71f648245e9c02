import ONNXMessages

/// Makes sure that each name in a file stands for one thing, as ONNX's own checker does.
///
/// Of two values of one name a reader would silently take one, and others the other. What nodes define is looked at
/// where they are put in order (`ONNXNodes`).
enum ONNXNames {
  /// Looks through a file.
  ///
  /// - Throws: `ONNXError` that names what there is twice.
  static func check(_ model: Onnx_ModelProto, file: String) throws(ONNXError) {
    func require(
      _ name: String?, _ problem: String, at place: String = ""
    ) throws(ONNXError) {
      guard let name else { return }
      throw ONNXError(file: file, place: place, problem: "\(problem) \(name.quoted)")
    }
    let graph = model.graph
    let initializers =
      graph.initializer.map(\.name) + graph.sparseInitializer.map(\.values.name)
    guard !initializers.contains("") else {
      throw ONNXError(file: file, problem: "an initializer has no name")
    }
    try require(twice(initializers), "two initializers are named")
    try require(twice(graph.input.map(\.name)), "two inputs are named")
    try require(twice(model.metadataProps.map(\.key)), "two entries of its metadata are named")
    try require(
      twice(model.functions.map { "\($0.domain).\($0.name).\($0.overload)" }),
      "two functions are named")
    for node in graph.node { try check(node, file) }
    for function in model.functions {
      let place = "function \(function.name.quoted)"
      try require(twice(function.input), "two of its inputs are named", at: place)
      try require(twice(function.output), "two of its outputs are named", at: place)
      try require(
        twice(function.input + function.node.flatMap { $0.output.filter { !$0.isEmpty } }),
        "two of its values are named", at: place)
      for node in function.node { try check(node, file) }
    }
  }

  private static func check(_ node: Onnx_NodeProto, _ file: String) throws(ONNXError) {
    guard node.attribute.count > 1, let name = twice(node.attribute.map(\.name)) else { return }
    throw ONNXError(
      file: file, place: ONNXNode(node, opset: 0).place,
      problem: "two of its attributes are named \(name.quoted)")
  }

  /// The first name that there is twice.
  private static func twice(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
  }
}
