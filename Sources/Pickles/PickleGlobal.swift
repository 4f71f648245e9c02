/// A name that a pickle asks Python to import, such as `collections.OrderedDict`.
public struct PickleGlobal: Hashable, Sendable, CustomStringConvertible {
  /// The module.
  public let module: String

  /// The name in the module.
  public let name: String

  /// Creates a name.
  public init(_ module: String, _ name: String) {
    self.module = module
    self.name = name
  }

  /// Module and name, joined by a dot.
  public var description: String { "\(module).\(name)" }
}

extension PickleGlobal {
  /// Containers of Python's library, and the helpers by which older protocols write bytes.
  public static let containers: Set<PickleGlobal> = {
    var names: Set<PickleGlobal> = [
      PickleGlobal("collections", "OrderedDict"), PickleGlobal("collections", "defaultdict"),
      PickleGlobal("collections", "Counter"), PickleGlobal("_codecs", "encode"),
    ]
    // Python 2 and 3.
    for module in ["__builtin__", "builtins"] {
      for name in ["set", "frozenset", "list", "dict", "tuple", "bytearray", "bytes"] {
        names.insert(PickleGlobal(module, name))
      }
    }
    return names
  }()

  /// What NumPy's arrays and scalars are written with, by NumPy 1 and 2.
  public static let arrays: Set<PickleGlobal> = {
    var names: Set<PickleGlobal> = [
      PickleGlobal("numpy", "ndarray"), PickleGlobal("numpy", "dtype"),
    ]
    for module in ["numpy.core", "numpy._core"] {
      names.insert(PickleGlobal(module + ".multiarray", "_reconstruct"))
      names.insert(PickleGlobal(module + ".multiarray", "scalar"))
      names.insert(PickleGlobal(module + ".numeric", "_frombuffer"))
    }
    return names
  }()
}
