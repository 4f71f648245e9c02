import Pickles

/// The types of numbers in PyTorch's storages.
enum TorchType: String, CaseIterable, Sendable {
  case float32 = "Float"
  case float64 = "Double"
  case float16 = "Half"
  case bfloat16 = "BFloat16"
  case int64 = "Long"
  case int32 = "Int"
  case int16 = "Short"
  case int8 = "Char"
  case uint8 = "Byte"
  case bool = "Bool"

  /// The type of a storage class such as `torch.FloatStorage`, or of a type such as `torch.float32`.
  init?(_ global: PickleGlobal) {
    guard global.module == "torch" else { return nil }
    if global.name.hasSuffix("Storage") {
      self.init(rawValue: String(global.name.dropLast("Storage".count)))
      return
    }
    guard let found = TorchType.allCases.first(where: { $0.dtype == global.name }) else {
      return nil
    }
    self = found
  }

  /// PyTorch's name of the type.
  var dtype: String {
    switch self {
    case .float32: "float32"
    case .float64: "float64"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .int64: "int64"
    case .int32: "int32"
    case .int16: "int16"
    case .int8: "int8"
    case .uint8: "uint8"
    case .bool: "bool"
    }
  }

  /// Bytes of one number.
  var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// The little-endian numbers of a storage as floats.
  func floats(in bytes: ArraySlice<UInt8>) -> [Float] {
    switch self {
    case .float32: SafeTensorsType.float32.floats(in: bytes) ?? []
    case .float64: SafeTensorsType.float64.floats(in: bytes) ?? []
    case .float16: SafeTensorsType.float16.floats(in: bytes) ?? []
    case .bfloat16: SafeTensorsType.bfloat16.floats(in: bytes) ?? []
    case .int64: (SafeTensorsType.int64.integers(in: bytes) ?? []).map { Float($0) }
    case .int32: (SafeTensorsType.int32.integers(in: bytes) ?? []).map { Float($0) }
    case .uint8: bytes.map { Float($0) }
    case .int8: bytes.map { Float(Int8(bitPattern: $0)) }
    case .bool: bytes.map { $0 == 0 ? 0 : 1 }
    case .int16:
      stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
        Float(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
      }
    }
  }
}

extension PickleGlobal {
  /// What checkpoints of PyTorch are made of: tensors, containers, and the plain records that are often saved
  /// with them.
  static let checkpoints: Set<PickleGlobal> = {
    var names = PickleGlobal.containers.union(PickleGlobal.arrays)
    for type in TorchType.allCases {
      names.insert(PickleGlobal("torch", type.rawValue + "Storage"))
      names.insert(PickleGlobal("torch", type.dtype))
    }
    for function in ["_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3"] {
      names.insert(PickleGlobal("torch._utils", function))
    }
    for function in ["_rebuild_parameter", "_rebuild_parameter_with_state"] {
      names.insert(PickleGlobal("torch._utils", function))
    }
    names.formUnion([
      PickleGlobal("torch", "Size"), PickleGlobal("torch", "device"),
      PickleGlobal("torch", "Tensor"),
      PickleGlobal("torch.storage", "UntypedStorage"),
      PickleGlobal("torch.storage", "TypedStorage"),
      PickleGlobal("torch._tensor", "_rebuild_from_type_v2"),
      PickleGlobal("torch.nn.parameter", "Parameter"), PickleGlobal("argparse", "Namespace"),
      PickleGlobal("copyreg", "_reconstructor"), PickleGlobal("copy_reg", "_reconstructor"),
      PickleGlobal("builtins", "object"), PickleGlobal("__builtin__", "object"),
    ])
    return names
  }()
}
