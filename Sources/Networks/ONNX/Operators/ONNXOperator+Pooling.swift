import Graphs
import Tensors

extension ONNXOperator {
  /// Pooling under windows and over whole images.
  static let pooling: [String: ONNXOperator] = [
    "MaxPool": ONNXOperator(ONNXWindow.attributes.union(["ceil_mode", "storage_order"])) {
      scope, call in
      guard call.node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
        throw ONNXProblem(
          "its second output, the positions of the largest values, is not supported")
      }
      return [
        try pool(&scope, call) { window, _ in .init(MaxPool(window)) }
      ]
    },
    "AveragePool": .one(ONNXWindow.attributes.union(["ceil_mode", "count_include_pad"])) {
      scope, call in
      let counts = try call.node.flag("count_include_pad")
      return try pool(&scope, call) { window, excess in
        .init(AveragePool(window, countsPadding: counts, uncounted: excess))
      }
    },
    "GlobalAveragePool": .one { scope, call in
      try global(&scope, call) { Reduce(axes: $0, isMean: true) }
    },
    "GlobalMaxPool": .one { scope, call in
      try global(&scope, call) { Extremum(axes: $0, isMaximum: true) }
    },
  ]

  private struct Pooling {
    let op: any Operator

    init(_ op: any Operator) { self.op = op }
  }

  private static func pool(
    _ scope: inout ONNXScope, _ call: ONNXCall,
    _ pooling: (_ window: Window, _ excess: Window.Pair) -> Pooling
  ) throws -> ONNXOperand {
    let x = try call.operand(0)
    let size = Array(x.shape.dropFirst(2))
    let window = try ONNXWindow(call.node, kernel: nil, rank: size.count)
    guard !window.autoPad.hasPrefix("SAME") || window.dilations.allSatisfy({ $0 == 1 }) else {
      throw ONNXProblem(
        "its attribute 'auto_pad' is \(window.autoPad) with dilations, which readers pad differently",
        hint: "write the padding out as 'pads'")
    }
    var padding = window.padding(over: size)
    var excess = [Int](repeating: 0, count: size.count)
    if try call.node.flag("ceil_mode") {
      excess = try window.excess(over: size, padding)
      for axis in size.indices { padding[axis].after += excess[axis] }
    }
    let (image, isBatched) = try scope.image(x)
    let pair = excess.count == 1 ? Window.Pair(0, excess[0]) : Window.Pair(excess[0], excess[1])
    let y = try scope.graph.apply(
      any: pooling(window.window(padding), pair).op, image)
    return try spatialResult(y, isBatched: isBatched, like: x, channels: x.shape[1], &scope)
  }

  private static func global(
    _ scope: inout ONNXScope, _ call: ONNXCall, _ reduction: ([Int]) -> any Operator
  ) throws -> ONNXOperand {
    let x = try call.operand(0)
    guard x.rank >= 3 else {
      throw ONNXProblem("it pools \(Shape(x.shape)); expected N x C and spatial axes")
    }
    let spatial = Array(2..<x.rank)
    let (value, offset, isBatched) = try scope.withAxes(of: x, using: spatial)
    let y = try scope.graph.apply(any: reduction(spatial.map { $0 + offset }), value)
    return try scope.result(
      y, isBatched: isBatched,
      shape: Array(x.shape.prefix(2)) + spatial.map { _ in 1 })
  }
}

extension GraphBuilder {
  /// Applies an operator whose type is not known.
  mutating func apply(any op: any Operator, _ operands: Value...) throws(GraphError) -> Value {
    try apply(op, to: operands)
  }
}
