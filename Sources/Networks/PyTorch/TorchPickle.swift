import Pickles
import Tensors

/// A type of numbers that is not read.
struct TorchTypeError: Error { let type: String }

/// The objects of a checkpoint in terms of PyTorch.
struct TorchPickle {
  let pickle: Pickle
  let file: String

  private func failure(_ message: String) -> NetworkError { .file(file, message) }

  /// How deep dictionaries are searched; a cycle of them would not end.
  private static let depthLimit = 8

  /// The most axes of a tensor.
  private static let rankLimit = 64

  /// How many of them are looked at; those of optimisers, of which there are thousands, lie deepest.
  private static let countLimit = 4096

  /// All dictionaries of tensors that the root leads to, the outermost first, with the keys under which they lie.
  ///
  /// - Throws: `NetworkError.file` that lists the keys there are if there is none.
  func dictionaries() throws(NetworkError) -> [(path: [String], entries: [PickleObject.Entry])] {
    var found: [(path: [String], entries: [PickleObject.Entry])] = []
    var level: [(path: [String], value: PickleValue)] = [([], pickle.root)]
    var seen: Set<PickleValue> = []
    while !level.isEmpty {
      var next: [(path: [String], value: PickleValue)] = []
      // What several keys lead to counts once.
      for (path, value) in level where seen.insert(value).inserted {
        guard found.count < TorchPickle.countLimit else { return found }
        if let entries = pickle.entries(of: value) {
          // Of equal keys the last one holds.
          var positions: [String: Int] = [:]
          var unique: [PickleObject.Entry] = []
          for entry in entries {
            guard let key = key(entry.key) else { continue }
            if let position = positions[key] {
              unique[position] = entry
            } else {
              positions[key] = unique.count
              unique.append(entry)
            }
          }
          if unique.contains(where: { isTensor($0.value) }) { found.append((path, unique)) }
          guard path.count < TorchPickle.depthLimit else { continue }
          for entry in unique where isContainer(entry.value) {
            if let key = key(entry.key) { next.append((path + [key], entry.value)) }
          }
        } else if let elements = pickle.elements(of: value), path.count < TorchPickle.depthLimit {
          for (place, element) in elements.enumerated() where isContainer(element) {
            next.append((path + [String(place)], element))
          }
        }
      }
      level = next
    }
    guard found.isEmpty else { return found }
    if isTensor(pickle.root) { throw failure("expected a state dict, found a single tensor") }
    guard let entries = pickle.entries(of: pickle.root) else {
      throw failure("expected a state dict: a dictionary of tensors by name")
    }
    let names = entries.prefix(8).compactMap {
      pickle.text(of: $0.key).map { String($0.prefix(100)) }
    }
    throw failure(
      "expected a state dict, or one within a dictionary; found no tensors by name under the keys "
        + names.joined(separator: ", "))
  }

  private func isContainer(_ value: PickleValue) -> Bool {
    pickle.entries(of: value) != nil || pickle.elements(of: value) != nil
  }

  /// A key as text.
  private func key(_ value: PickleValue) -> String? {
    if let text = pickle.text(of: value) {
      // No parameter is called so; thousands of entries may have one such key.
      return text.utf8.count <= Pickle.nameLimit ? text : nil
    }
    if case .integer(let number) = value { return String(number) }
    return nil
  }

  private func isTensor(_ value: PickleValue) -> Bool {
    if obstacle(value) != nil { return true }
    return pickle.call(of: value)?.function.name.hasPrefix("_rebuild_") == true
  }

  /// Why a value can be no parameter, although it is a tensor.
  private func obstacle(_ value: PickleValue) -> TensorObstacle? {
    // Quantised layers hold weight and bias as a pair.
    if let first = pickle.elements(of: value)?.first,
      pickle.call(of: first)?.function.name == "_rebuild_qtensor"
    {
      return .quantised
    }
    guard let function = pickle.call(of: value)?.function.name else { return nil }
    switch function {
    case "_rebuild_qtensor": return .quantised
    case "_rebuild_sparse_tensor", "_rebuild_sparse_csr_tensor": return .sparse
    case "_rebuild_nested_tensor": return .nested
    case "_rebuild_meta_tensor_no_storage": return .meta
    default: return nil
    }
  }

  /// The tensors of a dictionary; what else it holds is left out.
  func entries(of dictionary: [PickleObject.Entry]) -> [TensorEntry] {
    dictionary.compactMap { entry in
      guard let name = key(entry.key) else { return nil }
      if let obstacle = obstacle(entry.value) {
        return TensorEntry(name: name, shape: [], obstacle: obstacle)
      }
      do {
        guard let view = try view(entry.value, named: name) else { return nil }
        return TensorEntry(
          name: name, shape: Shape(view.extents), isInteger: !view.type.isFloating, view: view)
      } catch let error as TorchTypeError {
        return TensorEntry(name: name, shape: [], obstacle: .type(error.type))
      } catch {
        return TensorEntry(
          name: name, shape: [], obstacle: .malformed((error as? NetworkError)?.problem ?? ""))
      }
    }
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
    guard let type = ScalarType(global) else { throw TorchTypeError(type: global.name) }
    return type
  }

  private func naturals(_ value: PickleValue) -> [Int]? {
    var value = value
    if let call = pickle.call(of: value), call.function.name == "Size",
      let only = call.arguments.first
    {
      value = only
    }
    // Thousands of tensors may have one list of extents.
    guard let elements = pickle.elements(of: value), elements.count <= TorchPickle.rankLimit else {
      return nil
    }
    let numbers = elements.compactMap(\.natural)
    return numbers.count == elements.count ? numbers : nil
  }

  /// The bytes of a number in each storage that the pickle names, by its key.
  func storageSizes() -> [String: Int] {
    var sizes: [String: Int] = [:]
    for object in pickle.allObjects {
      guard case .persistent(let identification) = object,
        let parts = pickle.elements(of: identification), parts.count >= 3,
        let global = pickle.global(of: parts[1]), let key = pickle.text(of: parts[2])
      else { continue }
      // An untyped storage counts bytes.
      sizes[key] = ScalarType(global)?.size ?? TorchPickle.otherSizes[global.name] ?? 1
    }
    return sizes
  }

  /// Bytes of a number in storages whose tensors cannot be read, though others behind them can.
  private static let otherSizes = [
    "ComplexFloatStorage": 8, "ComplexDoubleStorage": 16, "QInt32Storage": 4,
  ]
}
