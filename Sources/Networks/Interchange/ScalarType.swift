import Pickles

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

  /// PyTorch's class of storages of the type.
  var torchStorage: String {
    let name =
      switch self {
      case .float32: "Float"
      case .float64: "Double"
      case .float16: "Half"
      case .bfloat16: "BFloat16"
      case .int64: "Long"
      case .int32: "Int"
      case .int16: "Short"
      case .int8: "Char"
      case .uint8: "Byte"
      case .bool: "Bool"
      }
    return name + "Storage"
  }

  /// PyTorch's name of the type, which is that of the case.
  var dtype: String { "\(self)" }

  /// The type of a storage class such as `torch.FloatStorage`, or of a type such as `torch.float32`.
  init?(_ global: PickleGlobal) {
    guard global.module == "torch",
      let type = ScalarType.allCases.first(where: {
        $0.torchStorage == global.name || $0.dtype == global.name
      })
    else { return nil }
    self = type
  }
}

extension PickleGlobal {
  /// What checkpoints of PyTorch are made of: tensors, containers, and the plain records that are often saved
  /// with them.
  static let checkpoints: Set<PickleGlobal> = {
    var names = PickleGlobal.containers.union(PickleGlobal.arrays)
    for type in ScalarType.allCases {
      names.insert(PickleGlobal("torch", type.torchStorage))
      names.insert(PickleGlobal("torch", type.dtype))
    }
    // Tensors that can be no parameters are noted, so that they can be named as what they are.
    for name in otherTypes + otherStorages { names.insert(PickleGlobal("torch", name)) }
    for function in [
      "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter",
      "_rebuild_parameter_with_state", "_rebuild_qtensor", "_rebuild_sparse_tensor",
      "_rebuild_sparse_csr_tensor", "_rebuild_nested_tensor", "_rebuild_meta_tensor_no_storage",
    ] {
      names.insert(PickleGlobal("torch._utils", function))
    }
    names.formUnion([
      PickleGlobal("torch", "Size"), PickleGlobal("torch", "device"),
      PickleGlobal("torch", "Tensor"), PickleGlobal("torch.serialization", "_get_layout"),
      PickleGlobal("torch.torch_version", "TorchVersion"),
      PickleGlobal("torch.storage", "UntypedStorage"),
      PickleGlobal("torch.storage", "TypedStorage"),
      PickleGlobal("torch._tensor", "_rebuild_from_type_v2"),
      PickleGlobal("torch.nn.parameter", "Parameter"), PickleGlobal("argparse", "Namespace"),
      PickleGlobal("copyreg", "_reconstructor"), PickleGlobal("copy_reg", "_reconstructor"),
      PickleGlobal("builtins", "object"), PickleGlobal("__builtin__", "object"),
    ])
    return names
  }()

  /// Types of numbers that are not read, and the schemes of quantised ones.
  private static let otherTypes = [
    "qint8", "quint8", "qint32", "quint4x2", "quint2x4", "complex32", "complex64", "complex128",
    "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu",
    "float4_e2m1fn_x2", "uint16", "uint32", "uint64", "per_tensor_affine", "per_channel_affine",
    "per_tensor_symmetric", "per_channel_symmetric", "per_channel_affine_float_qparams",
  ]

  private static let otherStorages = [
    "QInt8Storage", "QUInt8Storage", "QInt32Storage", "QUInt4x2Storage", "QUInt2x4Storage",
    "ComplexFloatStorage", "ComplexDoubleStorage",
  ]
}
