import Pickles

extension ScalarType {
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
