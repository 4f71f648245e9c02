import Graphs

extension ONNXOperator {
  /// Arithmetic of two or more operands, broadcast by NumPy's rules.
  static let arithmetic: [String: ONNXOperator] = [
    "Add": pair { scope, left, right in try binary(.add, left, right, &scope) },
    "Sub": pair { scope, left, right in try difference(left, right, &scope) },
    "Mul": pair { scope, left, right in try binary(.multiply, left, right, &scope) },
    "Div": pair { scope, left, right in try quotient(left, right, &scope) },
    "Pow": pair { scope, left, right in try power(left, right, &scope) },
    "Max": .one { scope, call in try chain(.maximum, call.all(), &scope) },
    "Min": .one { scope, call in try chain(.minimum, call.all(), &scope) },
    "Sum": .one { scope, call in try chain(.add, call.all(), &scope) },
    "Mean": .one { scope, call in
      let operands = try call.all()
      let sum = try chain(.add, operands, &scope)
      let (value, isBatched) = try scope.value(of: sum)
      return try scope.result(
        try scope.graph.scale(value, by: 1 / Float(operands.count)), isBatched: isBatched,
        shape: sum.shape)
    },
  ]

  /// An operator of two operands; before opset 7 they broadcast only by its attributes.
  private static func pair(
    _ build: @escaping @Sendable (inout ONNXScope, ONNXOperand, ONNXOperand) throws -> ONNXOperand
  ) -> ONNXOperator {
    .one(["axis", "broadcast", "consumed_inputs"]) { scope, call in
      try build(&scope, try call.operand(0), try aligned(call, &scope))
    }
  }

  /// The second operand, with the axes of 1 behind it that an attribute of old asks for.
  static func aligned(
    _ call: ONNXCall, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let (left, right) = (try call.operand(0), try call.operand(1))
    guard call.opset < 7, let given = try call.node.integer("axis") else { return right }
    let axis = try ONNXShape.axis(given, rank: left.rank)
    let missing = left.rank - axis - right.rank
    guard missing >= 0 else { throw ONNXProblem("its second operand does not fit axis \(axis)") }
    return try reshaped(right, right.shape + [Int](repeating: 1, count: missing), &scope)
  }

  /// The operation on two operands of any shapes.
  static func binary(
    _ operation: Arithmetic.Operation, _ left: ONNXOperand, _ right: ONNXOperand,
    _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let shape = try ONNXShape.broadcast(left.shape, right.shape)
    let isNormalized = isNormalization(left, right)
    for (x, other) in [(left, right), (right, left)] {
      guard let number = other.number(asParameter: !isNormalized), x.number() == nil,
        let function = operation.function(with: number)
      else { continue }
      return try map(x, to: shape, by: function, isNormalized, &scope)
    }
    let isBatched = left.isBatched || right.isBatched
    let a = try scope.broadcast(
      isNormalized ? scope.constant(left) : left, to: shape, isBatched: isBatched)
    let b = try scope.broadcast(
      isNormalized ? scope.constant(right) : right, to: shape, isBatched: isBatched)
    let value = try scope.graph.apply(Arithmetic(operation), a, b)
    var result = try scope.result(value, isBatched: isBatched, shape: shape, kind: left.kind)
    result.isNormalizedInput = isNormalized
    return result
  }

  private static func difference(
    _ left: ONNXOperand, _ right: ONNXOperand, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let shape = try ONNXShape.broadcast(left.shape, right.shape)
    let isNormalized = isNormalization(left, right)
    if let number = right.number(asParameter: !isNormalized), left.known == nil {
      return try map(
        left, to: shape, by: .affine(factor: 1, offset: -number), isNormalized, &scope)
    }
    if let number = left.number(asParameter: !isNormalized), right.known == nil {
      return try map(
        right, to: shape, by: .affine(factor: -1, offset: number), isNormalized, &scope)
    }
    let negative = try unary(
      .affine(factor: -1, offset: 0), of: isNormalized ? scope.constant(right) : right, &scope)
    return try binary(.add, left, negative, &scope)
  }

  private static func quotient(
    _ left: ONNXOperand, _ right: ONNXOperand, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    guard left.kind == .float else {
      throw ONNXProblem("the division of integers that depend on the input is not supported")
    }
    let shape = try ONNXShape.broadcast(left.shape, right.shape)
    let isNormalized = isNormalization(left, right)
    if let number = right.number(asParameter: !isNormalized), left.known == nil,
      (1 / number).isNormal
    {
      return try map(
        left, to: shape, by: .affine(factor: 1 / number, offset: 0), isNormalized, &scope)
    }
    // Where the divisor does not depend on the input its reciprocal is computed beforehand, unless that is no number.
    guard !right.isBatched, right.known?.floats.allSatisfy({ (1 / $0).isNormal }) ?? true else {
      return try binary(.divide, left, right, &scope)
    }
    let reciprocal = try unary(
      .reciprocal, of: isNormalized ? scope.constant(right) : right, &scope)
    return try binary(.multiply, left, reciprocal, &scope)
  }

  private static func power(
    _ left: ONNXOperand, _ right: ONNXOperand, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let shape = try ONNXShape.broadcast(left.shape, right.shape)
    guard let exponent = right.number(), left.number() == nil else {
      return try binary(.power, left, right, &scope)
    }
    let function: Elementwise.Function =
      switch exponent {
      case 2: .square
      case 1: .affine(factor: 1, offset: 0)
      case 0.5: .squareRoot
      default: .power(exponent: exponent)
      }
    return try map(left, to: shape, by: function, false, &scope)
  }

  private static func chain(
    _ operation: Arithmetic.Operation, _ operands: [ONNXOperand], _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    var result = operands[0]
    for operand in operands.dropFirst() {
      result = try binary(operation, result, operand, &scope)
    }
    return result
  }

  /// A function of every element, which may gain leading axes of 1.
  private static func map(
    _ x: ONNXOperand, to shape: [Int], by function: Elementwise.Function, _ isNormalized: Bool,
    _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    let (value, isBatched) = try scope.value(of: x)
    let y = try scope.graph.apply(Elementwise(function), value)
    var result = try scope.result(y, isBatched: isBatched, shape: shape, kind: x.kind)
    result.isNormalizedInput = isNormalized
    return result
  }

  static func unary(
    _ function: Elementwise.Function, of x: ONNXOperand, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    if let tensor = x.known, !x.isParameter, tensor.kind == .float, tensor.count <= 1 << 16 {
      var folding = ONNXScope()
      let value = try folding.graph.apply(
        Elementwise(function), try folding.value(of: ONNXOperand(tensor)).value)
      return ONNXOperand(try folding.evaluated(value, shape: x.shape, kind: .float))
    }
    return try map(x, to: x.shape, by: function, false, &scope)
  }

  /// Whether this is arithmetic of the input with known values, such as its normalisation, which is not
  /// trained.
  private static func isNormalization(_ left: ONNXOperand, _ right: ONNXOperand) -> Bool {
    left.isNormalizedInput && right.known != nil || right.isNormalizedInput && left.known != nil
  }

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

extension ONNXOperand {
  /// The one number that it is known to be, if it is; with `asParameter` not if a trainer may change it.
  func number(asParameter: Bool = false) -> Float? {
    guard case .known(let tensor, let name) = content, tensor.count == 1,
      !(asParameter && name != nil && !shape.isEmpty)
    else { return nil }
    return tensor.floats.first
  }
}

extension Arithmetic.Operation {
  /// The operation with one operand known to be a number, as a function of the other.
  fileprivate func function(with number: Float) -> Elementwise.Function? {
    switch self {
    case .add: .affine(factor: 1, offset: number)
    case .multiply: .affine(factor: number, offset: 0)
    case .maximum: number == 0 ? .relu : .clip(lower: number, upper: .infinity)
    case .minimum: .clip(lower: -.infinity, upper: number)
    default: nil
    }
  }
}
