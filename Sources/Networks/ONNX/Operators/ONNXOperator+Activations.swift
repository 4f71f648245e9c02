import Graphs
import Tensors

extension ONNXOperator {
  /// Functions of one number.
  static let activations: [String: ONNXOperator] = {
    var rows: [String: ONNXOperator] = [
      "Relu": function(.relu), "Sigmoid": function(.sigmoid), "Tanh": function(.tanh),
      "Softplus": function(.softplus), "Erf": function(.erf), "Exp": function(.exp),
      "Log": function(.log), "Sqrt": function(.squareRoot), "Abs": function(.abs),
      "Sign": function(.sign), "Sin": function(.sin), "Cos": function(.cos),
      "Reciprocal": function(.reciprocal), "Floor": function(.floor), "Ceil": function(.ceiling),
      "Round": function(.round), "HardSwish": function(.hardSwish),
      "Neg": function(.affine(factor: -1, offset: 0)),
    ]
    rows["LeakyRelu"] = map(["alpha"]) { graph, x, node in
      try graph.apply(Elementwise(.leakyReLU(slope: try node.number("alpha", 0.01))), x)
    }
    rows["Elu"] = map(["alpha"]) { graph, x, node in
      try graph.apply(Elementwise(.elu(alpha: try node.number("alpha", 1))), x)
    }
    rows["Selu"] = map(["alpha", "gamma"]) { graph, x, node in
      let alpha = try node.number("alpha", 1.673_263_2)
      let y = try graph.apply(Elementwise(.elu(alpha: alpha)), x)
      return try graph.scale(y, by: try node.number("gamma", 1.050_701))
    }
    rows["HardSigmoid"] = map(["alpha", "beta"]) { graph, x, node in
      try graph.apply(
        Elementwise(
          .hardSigmoid(alpha: try node.number("alpha", 0.2), beta: try node.number("beta", 0.5))), x
      )
    }
    rows["Gelu"] = map(["approximate"]) { graph, x, node in
      switch try node.text("approximate") ?? "none" {
      case "none": return try graph.gelu(x)
      case "tanh": return try graph.geluByTanh(x)
      case let form: throw ONNXProblem("its attribute 'approximate' is \(form.quoted)")
      }
    }
    rows["ThresholdedRelu"] = map(["alpha"]) { graph, x, node in
      let above = try graph.step(x, beyond: try node.number("alpha", 1))
      return try graph.apply(Select(), above, x, try graph.zeros(like: x))
    }
    rows["Shrink"] = map(["bias", "lambd"]) { graph, x, node in
      let (bias, limit) = (try node.number("bias", 0), try node.number("lambd", 0.5))
      let above = try graph.step(x, beyond: limit)
      let below = try graph.step(try graph.scale(x, by: -1), beyond: limit)
      let inner = try graph.apply(
        Select(), below, try graph.affine(x, factor: 1, offset: bias), try graph.zeros(like: x))
      return try graph.apply(
        Select(), above, try graph.affine(x, factor: 1, offset: -bias), inner)
    }
    rows["Mish"] = map { graph, x, _ in
      let softplus = try graph.apply(Elementwise(.softplus), x)
      return try graph.multiply(x, try graph.apply(Elementwise(.tanh), softplus))
    }
    rows["Celu"] = map(["alpha"]) { graph, x, node in
      let alpha = try node.number("alpha", 1)
      guard alpha > 0, alpha.isFinite else {
        throw ONNXProblem("its attribute 'alpha' is \(alpha)")
      }
      let y = try graph.apply(Elementwise(.elu(alpha: 1)), try graph.scale(x, by: 1 / alpha))
      return try graph.scale(y, by: alpha)
    }
    rows["Softsign"] = map { graph, x, _ in
      let size = try graph.apply(Elementwise(.abs), x)
      return try graph.apply(
        Arithmetic(.divide), x, try graph.affine(size, factor: 1, offset: 1))
    }
    rows["Swish"] = map(["alpha"]) { graph, x, node in
      let inner = try graph.scale(x, by: try node.number("alpha", 1))
      return try graph.multiply(x, try graph.apply(Elementwise(.sigmoid), inner))
    }
    rows["Tan"] = map { graph, x, _ in
      try graph.apply(
        Arithmetic(.divide), try graph.apply(Elementwise(.sin), x),
        try graph.apply(Elementwise(.cos), x))
    }
    for (name, sign) in [("Sinh", Float(-0.5)), ("Cosh", 0.5)] {
      rows[name] = map { graph, x, _ in
        let grown = try graph.apply(Elementwise(.exp), x)
        let shrunk = try graph.apply(Elementwise(.exp), try graph.scale(x, by: -1))
        return try graph.add(
          try graph.scale(grown, by: 0.5), try graph.scale(shrunk, by: sign))
      }
    }
    rows["Clip"] = .one(["consumed_inputs", "min", "max"], clip)
    rows["PRelu"] = .one(["consumed_inputs"]) { scope, call in
      let x = try call.operand(0)
      var slope = try call.operand(1)
      // One slope per channel, of old without axes of 1 behind.
      if call.opset < 7, slope.rank == 1, x.rank > 2, slope.shape[0] == x.shape[1] {
        slope = try reshaped(
          slope, slope.shape + [Int](repeating: 1, count: x.rank - 2), &scope)
      }
      guard try ONNXShape.broadcast(x.shape, slope.shape) == x.shape else {
        throw ONNXProblem("its slope does not broadcast to its input")
      }
      let isBatched = x.isBatched || slope.isBatched
      let value = try scope.broadcast(x, to: x.shape, isBatched: isBatched)
      let factor = try scope.broadcast(slope, to: x.shape, isBatched: isBatched)
      let above = try scope.graph.relu(value)
      let below = try scope.graph.subtract(value, above)
      let sum = try scope.graph.add(above, try scope.graph.multiply(factor, below))
      return try scope.result(sum, isBatched: isBatched, shape: x.shape)
    }
    return rows
  }()

  private static func function(_ function: Elementwise.Function) -> ONNXOperator {
    map { graph, x, _ in try graph.apply(Elementwise(function), x) }
  }

  /// An operator that maps every float by itself.
  private static func map(
    _ attributes: Set<String> = [],
    _ build: @escaping @Sendable (inout GraphBuilder, Value, ONNXNode) throws -> Value
  ) -> ONNXOperator {
    .one(attributes.union(["consumed_inputs"])) { scope, call in
      let x = try call.operand(0)
      guard x.kind == .float else { throw ONNXProblem("expected floats, found \(x.kind)s") }
      let (value, isBatched) = try scope.value(of: x)
      return try scope.result(
        try build(&scope.graph, value, call.node), isBatched: isBatched, shape: x.shape)
    }
  }

  private static func clip(
    _ scope: inout ONNXScope, _ call: ONNXCall
  ) throws -> ONNXOperand {
    let x = try call.operand(0)
    var limits: [Float?] = [nil, nil]
    for (index, name) in ["min", "max"].enumerated() {
      if call.opset < 11 {
        limits[index] = try call.node.optionalNumber(name)
      } else if let tensor = try call.known(index + 1, name, in: scope) {
        guard tensor.count == 1 else { throw ONNXProblem("its \(name) is not one number") }
        limits[index] = tensor.floats[0]
      }
    }
    let (value, isBatched) = try scope.value(of: x)
    let y: Value
    switch (limits[0], limits[1]) {
    case (nil, nil): y = value
    case (0, nil): y = try scope.graph.relu(value)
    case (0, 6): y = try scope.graph.relu6(value)
    case (let lower, let upper):
      y = try scope.graph.clip(value, lower: lower, upper: upper)
    }
    return try scope.result(y, isBatched: isBatched, shape: x.shape)
  }
}

extension GraphBuilder {
  /// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), an approximation of `gelu`.
  mutating func geluByTanh(_ x: Value) throws(GraphError) -> Value {
    let square = try apply(Elementwise(.square), x)
    let inner = try multiply(x, try affine(square, factor: 0.044_715, offset: 1))
    let tanh = try apply(Elementwise(.tanh), try scale(inner, by: 0.797_884_56))
    return try multiply(x, try affine(tanh, factor: 0.5, offset: 0.5))
  }

  /// 1 where x is above a limit, else 0.
  fileprivate mutating func step(_ x: Value, beyond limit: Float) throws(GraphError) -> Value {
    try apply(Elementwise(.step), try affine(x, factor: 1, offset: -limit))
  }

  /// Zero everywhere.
  mutating func zeros(like x: Value) throws(GraphError) -> Value {
    let extents = extents(of: x)
    return try apply(
      Broadcast(to: extents, axes: Array(0..<extents.rank)), constant(Tensor(Float(0))))
  }

  /// min(max(x, lower), upper), where a limit may be left out.
  mutating func clip(_ x: Value, lower: Float?, upper: Float?) throws(GraphError) -> Value {
    try apply(
      Elementwise(.clip(lower: lower ?? -.infinity, upper: upper ?? .infinity)), x)
  }
}
