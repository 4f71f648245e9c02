/// The types of numbers that are read, under their names in the header.
enum SafeTensorsType: String, CaseIterable, Sendable {
  case float32 = "F32"
  case float64 = "F64"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case uint8 = "U8"

  /// Bytes of one number.
  var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8: 1
    }
  }

  /// The numbers stored in little-endian bytes as floats, or `nil` for a type of integers.
  func floats(in bytes: ArraySlice<UInt8>) -> [Float]? {
    switch self {
    case .float32:
      map(bytes) { (bits: UInt32) in Float(bitPattern: bits) }
    case .float64:
      map(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .float16:
      map(bytes, Self.float(half:))
    case .bfloat16:
      map(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .int64, .int32, .uint8: nil
    }
  }

  /// The numbers stored in little-endian bytes as integers, or `nil` for a type of floats.
  func integers(in bytes: ArraySlice<UInt8>) -> [Int64]? {
    switch self {
    case .int64: map(bytes) { (bits: UInt64) in Int64(bitPattern: bits) }
    case .int32: map(bytes) { (bits: UInt32) in Int64(Int32(bitPattern: bits)) }
    case .uint8: bytes.map(Int64.init)
    case .float32, .float64, .float16, .bfloat16: nil
    }
  }

  /// Converts every little-endian word of some bytes.
  private func map<Word: FixedWidthInteger, Value>(
    _ bytes: ArraySlice<UInt8>, _ convert: (Word) -> Value
  ) -> [Value] {
    bytes.withUnsafeBytes { buffer in
      let size = MemoryLayout<Word>.size
      let count = buffer.count / size
      return [Value](unsafeUninitializedCapacity: count) { values, initialized in
        for index in 0..<count {
          let word = buffer.loadUnaligned(fromByteOffset: index * size, as: Word.self)
          values.initializeElement(at: index, to: convert(Word(littleEndian: word)))
        }
        initialized = count
      }
    }
  }

  /// The value of an IEEE 754 half; `Float16` does not exist on every platform.
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
