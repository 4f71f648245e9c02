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
