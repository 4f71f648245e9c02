import Pickles

/// The objects of a checkpoint in terms of PyTorch.
struct TorchPickle {
  let pickle: Pickle
  let file: String

  /// Where a state dict may lie in a checkpoint, likeliest first.
  static let keys = [
    "state_dict", "model_state_dict", "model", "net", "network", "model_state", "module", "weights",
    "params", "parameters",
  ]

  private func failure(_ message: String) -> NetworkError { .file(file, message) }

  /// The dictionary of tensors, and the keys under which it lies.
  ///
  /// - Throws: `NetworkError.file` that lists the keys there are if there is none.
  func stateDict() throws(NetworkError) -> (entries: [PickleObject.Entry], path: [String]) {
    var value = pickle.root
    var path: [String] = []
    // A cycle of dictionaries would not end.
    for _ in 0..<8 {
      if let list = pickle.elements(of: value), list.count == 1, let only = list.first {
        path.append("0")
        value = only
        continue
      }
      guard let entries = pickle.entries(of: value) else { break }
      if entries.contains(where: { isTensor($0.value) }) { return (entries, path) }
      guard let key = TorchPickle.keys.first(where: { isNest(pickle.entry($0, of: value)) }),
        let next = pickle.entry(key, of: value)
      else {
        let names = entries.prefix(8).compactMap { pickle.text(of: $0.key) }
        throw failure(
          "expected a state dict, or one under \(TorchPickle.keys.prefix(4).joined(separator: ", "));"
            + " found the keys \(names.joined(separator: ", "))")
      }
      path.append(key)
      value = next
    }
    if isTensor(pickle.root) { throw failure("expected a state dict, found a single tensor") }
    throw failure("expected a state dict: a dictionary of tensors by name")
  }

  private func isNest(_ value: PickleValue?) -> Bool {
    guard let value else { return false }
    return pickle.entries(of: value) != nil || pickle.elements(of: value)?.count == 1
  }

  private func isTensor(_ value: PickleValue) -> Bool {
    pickle.call(of: value)?.function.name.hasPrefix("_rebuild_") == true
  }

  /// The view of a storage that a value is; `nil` if it is no tensor.
  func view(_ value: PickleValue, named name: String) throws -> TorchStorages.View? {
    var value = value
    // A parameter is a tensor in a wrapper, and that may be in one more.
    for _ in 0..<4 {
      guard let call = pickle.call(of: value) else { return nil }
      switch call.function.name {
      case "_rebuild_parameter", "_rebuild_parameter_with_state":
        guard let inner = call.arguments.first else { throw failure("\(name): an empty parameter") }
        value = inner
      case "_rebuild_from_type_v2":
        guard call.arguments.count >= 3, let function = pickle.global(of: call.arguments[0]),
          let arguments = pickle.elements(of: call.arguments[2])
        else { throw failure("\(name): a tensor of an unknown class") }
        return try view(function, arguments, named: name)
      default: return try view(call.function, call.arguments, named: name)
      }
    }
    throw failure("\(name): parameters wrapped in parameters")
  }

  private func view(
    _ function: PickleGlobal, _ arguments: [PickleValue], named name: String
  ) throws -> TorchStorages.View? {
    guard function.name.hasPrefix("_rebuild_tensor") else { return nil }
    guard arguments.count >= 4, let offset = arguments[1].natural,
      let extents = naturals(arguments[2]), let strides = naturals(arguments[3])
    else { throw failure("\(name): expected a tensor's storage, offset, shape and strides") }
    var type: ScalarType?
    if function.name == "_rebuild_tensor_v3" {
      guard arguments.count >= 7, let global = pickle.global(of: arguments[6]) else {
        throw failure("\(name): expected the type of a tensor")
      }
      type = try self.type(global, name)
    }
    return try storage(
      arguments[0], type, named: name, offset: offset, extents: extents, strides: strides)
  }

  private func storage(
    _ value: PickleValue, _ given: ScalarType?, named name: String, offset: Int, extents: [Int],
    strides: [Int]
  ) throws -> TorchStorages.View {
    guard case .persistent(let identification) = pickle[value],
      let parts = pickle.elements(of: identification), parts.count >= 5,
      pickle.text(of: parts[0]) == "storage", let global = pickle.global(of: parts[1]),
      let key = pickle.text(of: parts[2]), let total = parts[4].natural
    else { throw failure("\(name): expected a storage's type, key, place and size") }
    var count = total
    let type: ScalarType
    if global.name == "UntypedStorage" {
      guard let given else { throw failure("\(name): a storage without a type") }
      type = given
      count = total / given.size
    } else {
      type = try given ?? self.type(global, name)
    }
    var offset = offset
    // Before PyTorch 0.4 a storage could itself be a part of another.
    if parts.count >= 6, parts[5] != .none {
      guard let part = pickle.elements(of: parts[5]), part.count == 3, let start = part[1].natural,
        case (let sum, false) = offset.addingReportingOverflow(start)
      else { throw failure("\(name): expected a part of a storage") }
      offset = sum
    }
    return TorchStorages.View(
      storage: key, type: type, count: count, offset: offset, extents: extents, strides: strides)
  }

  private func type(_ global: PickleGlobal, _ name: String) throws -> ScalarType {
    guard let type = ScalarType(global) else {
      throw failure("\(name): numbers of type \(global) are not supported")
    }
    return type
  }

  private func naturals(_ value: PickleValue) -> [Int]? {
    var value = value
    if let call = pickle.call(of: value), call.function.name == "Size",
      let only = call.arguments.first
    {
      value = only
    }
    guard let elements = pickle.elements(of: value) else { return nil }
    let numbers = elements.compactMap(\.natural)
    return numbers.count == elements.count ? numbers : nil
  }
}

extension TorchPickle {
  /// The type of each storage that the pickle names, by its key.
  func storageTypes() -> [String: ScalarType] {
    var types: [String: ScalarType] = [:]
    for object in pickle.allObjects {
      guard case .persistent(let identification) = object,
        let parts = pickle.elements(of: identification), parts.count >= 3,
        let global = pickle.global(of: parts[1]), let key = pickle.text(of: parts[2])
      else { continue }
      // An untyped storage counts bytes.
      types[key] = ScalarType(global) ?? .uint8
    }
    return types
  }
}
