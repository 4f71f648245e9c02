/// The types of numbers in files of tensors.
enum ScalarType: CaseIterable, Sendable {
  case float32, float64, float16, bfloat16
  case int64, int32, int16, int8, uint8, bool

  /// Bytes of one number.
  var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// Whether it has fractions.
  var isFloating: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    case .int64, .int32, .int16, .int8, .uint8, .bool: false
    }
  }

  /// The little-endian numbers in some bytes as floats, whatever their type.
  func floats(in bytes: ArraySlice<UInt8>) -> [Float] {
    switch self {
    case .float32: map(bytes) { (bits: UInt32) in Float(bitPattern: bits) }
    case .float64: map(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
    case .float16: map(bytes, Self.float(half:))
    case .bfloat16: map(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case .int64, .int32, .int16, .int8, .uint8, .bool: integers(in: bytes).map { Float($0) }
    }
  }

  /// The little-endian numbers in some bytes as integers; none for a type that has fractions.
  func integers(in bytes: ArraySlice<UInt8>) -> [Int64] {
    switch self {
    case .int64: map(bytes) { (bits: UInt64) in Int64(bitPattern: bits) }
    case .int32: map(bytes) { (bits: UInt32) in Int64(Int32(bitPattern: bits)) }
    case .int16: map(bytes) { (bits: UInt16) in Int64(Int16(bitPattern: bits)) }
    case .int8: bytes.map { Int64(Int8(bitPattern: $0)) }
    case .uint8: bytes.map(Int64.init)
    case .bool: bytes.map { $0 == 0 ? 0 : 1 }
    case .float32, .float64, .float16, .bfloat16: []
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

extension ScalarType {
  /// The name in headers of safetensors files.
  var safeTensorsName: String {
    switch self {
    case .float32: "F32"
    case .float64: "F64"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .int64: "I64"
    case .int32: "I32"
    case .int16: "I16"
    case .int8: "I8"
    case .uint8: "U8"
    case .bool: "BOOL"
    }
  }

  /// The type of a name in headers of safetensors files.
  init?(safeTensors name: String) {
    guard let type = ScalarType.allCases.first(where: { $0.safeTensorsName == name }) else {
      return nil
    }
    self = type
  }
}
