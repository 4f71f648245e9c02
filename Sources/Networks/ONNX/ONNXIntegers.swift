/// Arithmetic of known integers, which wraps around as ONNX's does.
enum ONNXIntegers {
  /// The result of an operator; `nil` if it is not among those for integers.
  static func result(_ call: ONNXCall) throws -> ONNXTensor? {
    let tensors = try call.all().compactMap(\.known)
    if let function = unary[call.node.op], let tensor = tensors.first {
      return ONNXTensor(
        try tensor.integers.map { try function($0) }, shape: tensor.shape, kind: tensor.kind)
    }
    let name =
      call.node.op == "Mod" ? try call.node.flag("fmod") ? "Mod toward zero" : "Mod" : call.node.op
    if let function = binary[name], tensors.count >= 2 {
      return try tensors.dropFirst().reduce(tensors[0]) { left, right in
        guard right.kind != .float else { throw ONNXProblem("it mixes integers and floats") }
        return try combine(left, right, function)
      }
    }
    if let function = relations[call.node.op], tensors.count == 2 {
      var result = try combine(tensors[0], tensors[1]) { function($0, $1) ? 1 : 0 }
      result.kind = .boolean
      return result
    }
    return try reduction(call, tensors)
  }

  private static let unary: [String: @Sendable (Int) throws -> Int] = [
    "Neg": { 0 &- $0 }, "Abs": { $0 < 0 ? 0 &- $0 : $0 }, "Not": { $0 == 0 ? 1 : 0 },
    "Sign": { $0.signum() }, "Floor": { $0 }, "Ceil": { $0 },
  ]

  private static let binary: [String: @Sendable (Int, Int) throws -> Int] = [
    "Add": { $0 &+ $1 }, "Sub": { $0 &- $1 }, "Mul": { $0 &* $1 }, "Min": { min($0, $1) },
    "Max": { max($0, $1) }, "And": { $0 & $1 }, "Or": { $0 | $1 }, "Xor": { $0 ^ $1 },
    "Sum": { $0 &+ $1 },
    "Div": { a, b in
      guard b != 0 else { throw ONNXProblem("it divides by zero") }
      return a.dividedReportingOverflow(by: b).partialValue
    },
    "Mod": { a, b in
      guard b != 0 else { throw ONNXProblem("it divides by zero") }
      let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
    },
    "Mod toward zero": { a, b in
      guard b != 0 else { throw ONNXProblem("it divides by zero") }
      return a.remainderReportingOverflow(dividingBy: b).partialValue
    },
    "Pow": { base, exponent in
      guard 0...64 ~= exponent else { throw ONNXProblem("its exponent is \(exponent)") }
      return (0..<exponent).reduce(1) { product, _ in product &* base }
    },
  ]

  private static let relations: [String: @Sendable (Int, Int) -> Bool] = [
    "Equal": { $0 == $1 }, "Less": { $0 < $1 }, "LessOrEqual": { $0 <= $1 },
    "Greater": { $0 > $1 }, "GreaterOrEqual": { $0 >= $1 },
  ]

  /// Reductions of a whole tensor, which is all that shapes need.
  private static func reduction(
    _ call: ONNXCall, _ tensors: [ONNXTensor]
  ) throws -> ONNXTensor? {
    let functions: [String: ([Int]) -> Int] = [
      "ReduceProd": { $0.reduce(1, &*) }, "ReduceSum": { $0.reduce(0, &+) },
      "ReduceMax": { $0.max() ?? 0 }, "ReduceMin": { $0.min() ?? 0 },
    ]
    guard let function = functions[call.node.op], let tensor = tensors.first,
      tensor.shape.count <= 1
    else { return nil }
    let keeps = try call.node.flag("keepdims", true)
    return ONNXTensor([function(try tensor.integers)], shape: keeps ? [1] : [])
  }

  /// A function of two tensors, broadcast.
  static func combine(
    _ left: ONNXTensor, _ right: ONNXTensor, _ function: (Int, Int) throws -> Int
  ) throws -> ONNXTensor {
    let shape = try shape(of: [left, right])
    let count = shape.reduce(1, *)
    let (a, b) = (try left.integers, try right.integers)
    let values = try (0..<count).map { index in
      try function(
        a[position(index, in: shape, of: left.shape)],
        b[position(index, in: shape, of: right.shape)])
    }
    return ONNXTensor(values, shape: shape, kind: left.kind)
  }

  /// The values of one tensor where a condition holds, else those of the other, all broadcast.
  static func selecting(
    _ condition: ONNXTensor, _ first: ONNXTensor, _ second: ONNXTensor
  ) throws -> ONNXTensor {
    let shape = try shape(of: [condition, first, second])
    let count = shape.reduce(1, *)
    let (holds, a, b) = (try condition.integers, try first.integers, try second.integers)
    let values = (0..<count).map { index in
      holds[position(index, in: shape, of: condition.shape)] != 0
        ? a[position(index, in: shape, of: first.shape)]
        : b[position(index, in: shape, of: second.shape)]
    }
    return ONNXTensor(values, shape: shape, kind: first.kind)
  }

  /// The shape that tensors are broadcast to, if its values are not too many.
  private static func shape(of tensors: [ONNXTensor]) throws -> [Int] {
    let shape = try tensors.dropFirst().reduce(tensors[0].shape) {
      try ONNXShape.broadcast($0, $1.shape)
    }
    guard let count = ONNXShape.count(shape), count <= ONNXShape.foldLimit else {
      throw ONNXProblem("it combines too many integers")
    }
    return shape
  }

  /// Where the value comes from that broadcasting puts at an index of a shape.
  private static func position(_ index: Int, in shape: [Int], of source: [Int]) -> Int {
    var (rest, position, stride) = (index, 0, 1)
    for axis in shape.indices.reversed() {
      let place = rest % shape[axis]
      rest /= shape[axis]
      let own = axis - (shape.count - source.count)
      guard own >= 0 else { continue }
      if source[own] != 1 { position += place * stride }
      stride *= source[own]
    }
    return position
  }
}

/// A type of integers, and what becomes of numbers that it does not have.
///
/// Of integers the higher bits are discarded, as ONNX says. Floats outside ONNX leaves open; they become what
/// onnxruntime makes of them on processors of today.
struct ONNXIntegerType {
  let bits: Int
  let isSigned: Bool

  /// The type of a number in a file; `nil` if it is none of integers.
  init?(_ type: Int) {
    switch type {
    case 2: (bits, isSigned) = (8, false)
    case 3: (bits, isSigned) = (8, true)
    case 4: (bits, isSigned) = (16, false)
    case 5: (bits, isSigned) = (16, true)
    case 6: (bits, isSigned) = (32, true)
    case 7: (bits, isSigned) = (64, true)
    case 12: (bits, isSigned) = (32, false)
    case 13: (bits, isSigned) = (64, false)
    default: return nil
    }
  }

  /// The number of values, as a float.
  var count: Float { Float(sign: .plus, exponent: bits, significand: 1) }

  /// The integers that floats are converted to first: other floats become `outside`.
  var intermediateBits: Int { bits == 64 || bits == 32 && !isSigned ? 64 : 32 }

  /// The floats that are whole numbers of the intermediate type, between bounds that are none.
  var intermediateRange: (lower: Float, upper: Float) {
    let limit = Float(sign: .plus, exponent: intermediateBits - 1, significand: 1)
    return ((-limit).nextDown, bits == 64 && !isSigned ? 2 * limit : limit)
  }

  /// What a float that is outside the intermediate type becomes.
  var outside: Float {
    bits < 32 || !isSigned
      ? 0 : Float(sign: .minus, exponent: bits - 1, significand: 1)
  }

  /// An integer of the file in this type.
  ///
  /// - Throws: `ONNXProblem` if it is one of 64 bits without sign that those with a sign lack.
  func wrapped(_ value: Int) throws -> Int {
    switch (bits, isSigned) {
    case (8, true): return Int(Int8(truncatingIfNeeded: value))
    case (8, false): return Int(UInt8(truncatingIfNeeded: value))
    case (16, true): return Int(Int16(truncatingIfNeeded: value))
    case (16, false): return Int(UInt16(truncatingIfNeeded: value))
    case (32, true): return Int(Int32(truncatingIfNeeded: value))
    case (32, false): return Int(UInt32(truncatingIfNeeded: value))
    case (_, false) where value < 0:
      throw ONNXProblem("it converts \(value) to an integer without sign")
    default: return value
    }
  }

  /// A float in this type, toward zero.
  ///
  /// - Throws: As `wrapped`.
  func converted(_ value: Float) throws -> Int {
    let whole = value.rounded(.towardZero)
    let (lower, upper) = intermediateRange
    guard whole > lower, whole < min(upper, 0x1p63) else {
      guard isSigned || bits < 64 else {
        throw ONNXProblem("it converts \(value) to an integer without sign")
      }
      return Int(outside)
    }
    return try wrapped(Int(whole))
  }
}
