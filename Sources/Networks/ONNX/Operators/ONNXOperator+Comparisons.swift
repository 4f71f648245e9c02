import Graphs

extension ONNXOperator {
  /// Comparisons and logic, whose results are 0 or 1, and the choice by them.
  static let comparisons: [String: ONNXOperator] = [
    "Equal": comparison(.equal), "Less": comparison(.less),
    "LessOrEqual": comparison(.lessOrEqual), "Greater": comparison(.greater),
    "GreaterOrEqual": comparison(.greaterOrEqual),
    "And": logic { graph, a, b in try graph.multiply(a, b) },
    "Or": logic { graph, a, b in
      try graph.subtract(try graph.add(a, b), try graph.multiply(a, b))
    },
    "Xor": logic { graph, a, b in
      try graph.subtract(
        try graph.add(a, b), try graph.scale(try graph.multiply(a, b), by: 2))
    },
    "Not": .one { scope, call in
      let x = try call.operand(0)
      let (value, isBatched) = try scope.value(of: x)
      return try scope.result(
        try scope.graph.affine(value, factor: -1, offset: 1), isBatched: isBatched, shape: x.shape,
        kind: .boolean)
    },
    "IsNaN": .one { scope, call in
      let x = try call.operand(0)
      let (value, isBatched) = try scope.value(of: x)
      let isNumber = try scope.graph.apply(Comparison(.equal), value, value)
      return try scope.result(
        try scope.graph.affine(isNumber, factor: -1, offset: 1), isBatched: isBatched,
        shape: x.shape, kind: .boolean)
    },
    "IsInf": .one(["detect_negative", "detect_positive"]) { scope, call in
      let x = try call.operand(0)
      let (value, isBatched) = try scope.value(of: x)
      var found = try scope.graph.zeros(like: value)
      for (name, infinity) in [
        ("detect_positive", Float.infinity), ("detect_negative", -.infinity),
      ] where try call.node.flag(name, true) {
        let limit = try scope.graph.affine(
          try scope.graph.zeros(like: value), factor: 1, offset: infinity)
        found = try scope.graph.add(
          found, try scope.graph.apply(Comparison(.equal), value, limit))
      }
      return try scope.result(found, isBatched: isBatched, shape: x.shape, kind: .boolean)
    },
    "Where": .one { scope, call in
      let operands = try call.all(atLeast: 3)
      let shape = try ONNXShape.broadcast(
        try ONNXShape.broadcast(operands[0].shape, operands[1].shape), operands[2].shape)
      let isBatched = operands.contains(where: \.isBatched)
      let values = try operands.map {
        try scope.broadcast($0, to: shape, isBatched: isBatched)
      }
      return try scope.result(
        try scope.graph.apply(Select(), to: values), isBatched: isBatched, shape: shape,
        kind: operands[1].kind)
    },
  ]

  private static func comparison(_ relation: Comparison.Relation) -> ONNXOperator {
    pair { graph, a, b in try graph.apply(Comparison(relation), a, b) }
  }

  private static func logic(
    _ build: @escaping @Sendable (inout GraphBuilder, Value, Value) throws -> Value
  ) -> ONNXOperator { pair(build) }

  private static func pair(
    _ build: @escaping @Sendable (inout GraphBuilder, Value, Value) throws -> Value
  ) -> ONNXOperator {
    .one(["axis", "broadcast"]) { scope, call in
      let (left, right) = (try call.operand(0), try aligned(call, &scope))
      let shape = try ONNXShape.broadcast(left.shape, right.shape)
      let isBatched = left.isBatched || right.isBatched
      let a = try scope.broadcast(left, to: shape, isBatched: isBatched)
      let b = try scope.broadcast(right, to: shape, isBatched: isBatched)
      return try scope.result(
        try build(&scope.graph, a, b), isBatched: isBatched, shape: shape, kind: .boolean)
    }
  }
}
