import ONNXMessages
import Tensors

/// A tensor whose values are known when a network is read: floats or integers.
struct ONNXTensor: Hashable {
  /// What ONNX calls the element type, as far as it matters here.
  enum Kind: Hashable {
    case float
    case integer
    case boolean
  }

  enum Values: Hashable {
    case floats([Float])
    /// Integers, and booleans as 0 and 1.
    case integers([Int])
  }

  var kind: Kind
  var shape: [Int]
  var values: Values
  /// How exactly the floats are those of the file.
  var precision = ONNXPrecision.single

  init(_ floats: [Float], shape: [Int]) {
    kind = .float
    self.shape = shape
    values = .floats(floats)
  }

  init(_ integers: [Int], shape: [Int], kind: Kind = .integer) {
    self.kind = kind
    self.shape = shape
    values = .integers(integers)
  }

  var count: Int {
    switch values {
    case .floats(let floats): floats.count
    case .integers(let integers): integers.count
    }
  }

  /// The values as floats; integers are rounded to the nearest.
  var floats: [Float] {
    switch values {
    case .floats(let floats): floats
    case .integers(let integers): integers.map { Float($0) }
    }
  }

  /// The values as integers.
  ///
  /// - Throws: `ONNXProblem` if they are floats.
  var integers: [Int] {
    get throws {
      guard case .integers(let integers) = values else {
        throw ONNXProblem("expected integers, found floats")
      }
      return integers
    }
  }

  /// The same values as a tensor of floats.
  var tensor: Tensor<Float> { Tensor(floats, shape: Shape(shape)) }

  /// The same values with another precision, if they are floats.
  func with(_ precision: ONNXPrecision) -> ONNXTensor {
    var result = self
    if kind == .float { result.precision = precision }
    return result
  }
}

extension ONNXTensor {
  /// Reads a tensor of a file.
  ///
  /// - Parameters:
  ///   - message: The tensor.
  ///   - external: The bytes it refers to, if they are not in the message itself.
  /// - Throws: `ONNXProblem` if its type is not supported or its size is not what its shape says.
  init(_ message: Onnx_TensorProto, external: (Onnx_TensorProto) throws -> [UInt8]) throws {
    guard message.dims.count <= ONNXShape.rankLimit,
      let extents = ONNXShape.integers(message.dims), let count = ONNXShape.count(extents)
    else { throw ONNXProblem("its extents are absurd") }
    let raw: RawValues
    if message.dataLocation == .external {
      raw = RawValues(bytes: try external(message))
    } else {
      raw = RawValues(bytes: Array(message.rawData))
    }
    let isRaw = !raw.bytes.isEmpty
    func checked<Value>(_ values: [Value]) throws -> [Value] {
      guard values.count == count else {
        throw ONNXProblem("\(values.count) values do not fill \(Shape(extents))")
      }
      return values
    }
    func integers<Value: FixedWidthInteger>(_ type: Value.Type) throws -> [Int] {
      let values: [Value] =
        isRaw ? try raw.values(count) : message.int32Data.map { Value(truncatingIfNeeded: $0) }
      return try checked(values.map { Int($0) })
    }
    switch Onnx_TensorProto.DataType(rawValue: Int(message.dataType)) {
    case .float:
      self.init(
        try checked(isRaw ? raw.floats(count) : message.floatData), shape: extents)
    case .double:
      let values: [Double] =
        isRaw
        ? try raw.values(count).map { (bits: UInt64) in Double(bitPattern: bits) }
        : message.doubleData
      self.init(try checked(values.map { Float($0) }), shape: extents)
      precision = ONNXPrecision.exact.rounding(values)
    case .float16:
      let bits: [UInt16] =
        isRaw ? try raw.values(count) : message.int32Data.map { UInt16(truncatingIfNeeded: $0) }
      self.init(try checked(bits.map(Float.init(halfBits:))), shape: extents)
    case .bfloat16:
      let bits: [UInt16] =
        isRaw ? try raw.values(count) : message.int32Data.map { UInt16(truncatingIfNeeded: $0) }
      self.init(
        try checked(bits.map { Float(bitPattern: UInt32($0) << 16) }), shape: extents)
    case .int64:
      let values: [Int64] = isRaw ? try raw.values(count) : message.int64Data
      self.init(try checked(values.map { Int($0) }), shape: extents)
    case .uint32, .uint64:
      let values: [UInt64]
      if isRaw, message.dataType == Onnx_TensorProto.DataType.uint32.rawValue {
        values = try raw.values(count).map { (value: UInt32) in UInt64(value) }
      } else {
        values = isRaw ? try raw.values(count) : message.uint64Data
      }
      self.init(try checked(values.map { Int(clamping: $0) }), shape: extents)
    case .int32: self.init(try integers(Int32.self), shape: extents)
    case .int16: self.init(try integers(Int16.self), shape: extents)
    case .int8: self.init(try integers(Int8.self), shape: extents)
    case .uint16: self.init(try integers(UInt16.self), shape: extents)
    case .uint8: self.init(try integers(UInt8.self), shape: extents)
    case .bool:
      self.init(
        try integers(UInt8.self).map { $0 == 0 ? 0 : 1 }, shape: extents, kind: .boolean)
    case let type:
      throw ONNXProblem(
        "tensors of type \(type.map { "\($0)" } ?? String(message.dataType)) are not supported",
        hint: "expected floats, integers or booleans")
    }
  }
}

/// Values as a file stores them, little-endian.
private struct RawValues {
  let bytes: [UInt8]

  func values<Value: FixedWidthInteger>(_ count: Int) throws -> [Value] {
    let size = MemoryLayout<Value>.size
    guard bytes.count == count.multipliedReportingOverflow(by: size).partialValue else {
      throw ONNXProblem("\(bytes.count) bytes do not fill \(count) values of \(size) bytes")
    }
    return bytes.withUnsafeBytes { buffer in
      (0..<count).map {
        Value(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * size, as: Value.self))
      }
    }
  }

  func floats(_ count: Int) throws -> [Float] {
    try values(count).map { (bits: UInt32) in Float(bitPattern: bits) }
  }
}

extension Float {
  /// Decodes a number of IEEE 754's half precision.
  init(halfBits bits: UInt16) {
    let sign: Float = bits >> 15 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: self = sign * fraction * 0x1p-24
    case 31: self = fraction == 0 ? sign * .infinity : .nan
    default:
      self = sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }
}

/// How exactly floats that are kept in single precision are what the file computes.
enum ONNXPrecision: Hashable {
  /// The file has them in single precision.
  case single
  /// The file has them in double precision, and all are numbers of single precision.
  case exact
  /// The file has them in double precision, and some were rounded.
  case rounded

  /// The operators that only move values, and those that convert them.
  private static let movers: Set<String> = [
    "Cast", "Concat", "Expand", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Split",
    "Squeeze", "Tile", "Transpose", "Unsqueeze",
  ]

  /// Why a node of double precision cannot be computed.
  static let problem = ONNXProblem(
    "it computes in double precision, which is supported only for constants that single precision can hold",
    hint: "export the network in single precision: model.float()")

  /// The precision of what a node makes of known operands.
  ///
  /// - Throws: `ONNXProblem` if it computes with numbers that were rounded.
  init(_ call: ONNXCall) throws {
    let precisions = call.operands.compactMap { $0?.known?.precision }
    self =
      precisions.contains(.rounded)
      ? .rounded : precisions.contains(.exact) ? .exact : .single
    guard self == .single || call.node.op != "Range" else { throw Self.problem }
    guard self != .rounded || Self.movers.contains(call.node.op) else {
      throw Self.problem
    }
  }

  /// The precision after values in double precision were rounded to single precision.
  func rounding(_ values: [Double]) -> ONNXPrecision {
    self == .exact && values.contains { !$0.isNaN && Double(Float($0)) != $0 } ? .rounded : self
  }
}
