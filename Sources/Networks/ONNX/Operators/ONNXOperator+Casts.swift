import Graphs

extension ONNXOperator {
  /// Conversions between types.
  static let casts: [String: ONNXOperator] = [
    "Cast": .one(["to", "saturate", "round_mode"]) { scope, call in
      let x = try call.operand(0)
      if let tensor = x.known, let result = try castKnown(tensor, call) { return result }
      let type = try call.node.integer("to") ?? 0
      if let integers = ONNXIntegerType(type) { return try cast(x, to: integers, &scope) }
      switch type {
      case 1: return try cast(x, to: .float, &scope)
      case 9: return try cast(x, to: .boolean, &scope)
      case 11: throw toDouble
      default:
        throw ONNXProblem(
          "it converts to the type \(type)", hint: "export the network in single precision")
      }
    },
    "CastLike": .one(["saturate", "round_mode"]) { scope, call in
      let (x, like) = (try call.operand(0), try call.operand(1))
      guard like.known?.precision ?? .single == .single else { throw toDouble }
      guard x.kind != .float || like.kind != .integer else {
        throw ONNXProblem(
          "it converts to a type that is known by an example alone, and is not supported",
          hint: "export with Cast in its place")
      }
      return try cast(x, to: like.kind, &scope)
    },
  ]

  private static let toDouble = ONNXProblem(
    "it converts to double precision, which is not supported",
    hint: "export the network in single precision: model.float()")

  /// A known tensor in another type; `nil` if that type is not supported.
  static func castKnown(_ tensor: ONNXTensor, _ call: ONNXCall) throws -> ONNXOperand? {
    let type = try call.node.integer("to") ?? 0
    if let integers = ONNXIntegerType(type) {
      let values =
        switch tensor.values {
        case .integers(let values): try values.map { try integers.wrapped($0) }
        case .floats(let values): try values.map { try integers.converted($0) }
        }
      return ONNXOperand(ONNXTensor(values, shape: tensor.shape))
    }
    switch type {
    case 1, 11:
      if tensor.kind == .float, tensor.precision == .single, type == 1 {
        return call.operands[0] ?? ONNXOperand(tensor)
      }
      var result = ONNXTensor(tensor.floats, shape: tensor.shape)
      if type == 11 {
        result.precision = tensor.precision == .rounded ? .rounded : .exact
        if case .integers(let values) = tensor.values {
          result.precision = ONNXPrecision.exact.rounding(values.map { Double($0) })
        }
      }
      return ONNXOperand(result)
    case 10:
      return ONNXOperand(ONNXTensor(tensor.floats.map(\.roundedToHalf), shape: tensor.shape))
    case 16:
      return ONNXOperand(ONNXTensor(tensor.floats.map(\.roundedToBrain), shape: tensor.shape))
    case 9:
      let values =
        switch tensor.values {
        case .integers(let values): values.map { $0 == 0 ? 0 : 1 }
        case .floats(let values): values.map { $0 == 0 ? 0 : 1 }
        }
      return ONNXOperand(ONNXTensor(values, shape: tensor.shape, kind: .boolean))
    default: return nil
    }
  }

  private static func cast(
    _ x: ONNXOperand, to kind: ONNXTensor.Kind, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    if x.kind == kind { return x }
    let (value, isBatched) = try scope.value(of: x)
    var y = value
    if kind == .boolean {
      // Not a number is true.
      let isZero = try scope.graph.apply(
        Comparison(.equal), value, try scope.graph.zeros(like: value))
      y = try scope.graph.affine(isZero, factor: -1, offset: 1)
    }
    return try scope.result(y, isBatched: isBatched, shape: x.shape, kind: kind)
  }

  private static func cast(
    _ x: ONNXOperand, to type: ONNXIntegerType, _ scope: inout ONNXScope
  ) throws -> ONNXOperand {
    var (value, isBatched) = try scope.value(of: x)
    if x.kind == .float {
      let (lower, upper) = type.intermediateRange
      let inside = try scope.graph.apply(
        Elementwise(.inside(lower: lower, upper: upper)), value)
      value = try scope.graph.towardZero(value)
      if type.bits < type.intermediateBits || !type.isSigned {
        value = try scope.graph.wrapped(value, to: type)
      }
      value = try scope.graph.apply(
        Select(), inside, value,
        try scope.graph.affine(
          try scope.graph.zeros(like: value), factor: 1, offset: type.outside))
    } else if x.kind == .integer, type.bits < 64 || !type.isSigned {
      value = try scope.graph.wrapped(value, to: type)
    }
    return try scope.result(value, isBatched: isBatched, shape: x.shape, kind: .integer)
  }
}

extension GraphBuilder {
  /// The integer next to each value on the side of zero.
  fileprivate mutating func towardZero(_ x: Value) throws(GraphError) -> Value {
    let size = try apply(Elementwise(.floor), try apply(Elementwise(.abs), x))
    return try multiply(size, try apply(Elementwise(.sign), x))
  }

  /// Integers without the higher bits that a type lacks; all steps are exact.
  fileprivate mutating func wrapped(
    _ x: Value, to type: ONNXIntegerType
  ) throws(GraphError) -> Value {
    let count = type.count
    if type.bits == 64 {
      let isNegative = try apply(Elementwise(.step), try scale(x, by: -1))
      return try add(x, try scale(isNegative, by: count))
    }
    let times = try apply(Elementwise(.round), try scale(x, by: 1 / count))
    let rest = try add(x, try scale(times, by: -count))
    guard type.isSigned else {
      let isNegative = try apply(Elementwise(.step), try scale(rest, by: -1))
      return try add(rest, try scale(isNegative, by: count))
    }
    // What is rounded down to a half is the smallest integer, not one above the largest.
    let isBelow = try apply(Elementwise(.step), try affine(rest, factor: -1, offset: count / 2))
    let isAbove = try affine(isBelow, factor: -1, offset: 1)
    return try add(rest, try scale(isAbove, by: -count))
  }
}

extension Float {
  /// The nearest number of half precision.
  var roundedToHalf: Float {
    guard isFinite, self != 0 else { return self }
    let unit = Float(sign: .plus, exponent: Swift.max(Int(exponent), -14) - 10, significand: 1)
    let result = (self / unit).rounded(.toNearestOrEven) * unit
    return abs(result) > 65504 ? (self < 0 ? -Float.infinity : .infinity) : result
  }

  /// The nearest number of 16 bits with the exponents of single precision.
  var roundedToBrain: Float {
    guard isFinite else { return self }
    let bits = bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }
}
