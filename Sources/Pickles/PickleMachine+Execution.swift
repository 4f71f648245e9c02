extension PickleMachine {
  /// What each instruction does.
  mutating func execute(_ instruction: PickleInstruction) throws(PickleError) {
    switch instruction {
    case .proto:
      let version = try byte()
      guard version <= 5 else { throw failure("protocol \(version); expected 0 to 5") }
    case .frame: _ = try size(bytes: 8)
    case .mark: mark()
    case .pop: try drop()
    case .popMark: _ = try popMark()
    case .duplicate: push(try top())
    case .none: push(.none)
    case .newTrue: push(.bool(true))
    case .newFalse: push(.bool(false))
    case .binaryInteger: push(.integer(Int64(Int32(truncatingIfNeeded: try word(4)))))
    case .binaryInteger1: push(.integer(Int64(try word(1))))
    case .binaryInteger2: push(.integer(Int64(try word(2))))
    case .binaryFloat: push(.real(Double(bitPattern: try word(8).byteSwapped)))
    case .long1: try pushLong(try slice(try size(bytes: 1)))
    case .long4: try pushLong(try slice(try size(bytes: 4)))
    case .integer, .long, .float: try pushNumber(instruction, try line())
    case .string: try push(.bytes(try unquoted(try line())[...]))
    case .unicode: try push(.text(try unescaped(try line())))
    case .binaryString: try push(.bytes(try slice(try size(bytes: 4))))
    case .shortBinaryString: try push(.bytes(try slice(try size(bytes: 1))))
    case .shortBinaryBytes: try push(.bytes(try slice(try size(bytes: 1))))
    case .binaryBytes: try push(.bytes(try slice(try size(bytes: 4))))
    case .binaryBytes8, .byteArray8: try push(.bytes(try slice(try size(bytes: 8))))
    case .shortBinaryUnicode: try pushText(try size(bytes: 1))
    case .binaryUnicode: try pushText(try size(bytes: 4))
    case .binaryUnicode8: try pushText(try size(bytes: 8))
    case .emptyTuple: try push(.tuple([]))
    case .emptyList: try push(.list([]))
    case .emptyDictionary: try push(.dictionary([]))
    case .emptySet: try push(.set([]))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .tuple: try push(.tuple(try popMark()))
    case .list: try push(.list(try popMark()))
    case .frozenSet: try push(.set(try popMark()))
    case .dictionary:
      let items = try popMark()
      try push(.dictionary([]))
      try insert(items, into: try top())
    case .append:
      let element = try pop()
      try append([element], to: try top())
    case .appends, .addItems:
      let elements = try popMark()
      try append(elements, to: try top())
    case .setItem:
      let value = try pop()
      let key = try pop()
      try insert([key, value], into: try top())
    case .setItems:
      let items = try popMark()
      try insert(items, into: try top())
    case .put: try remember(as: try index(try line()))
    case .binaryPut: try remember(as: Int(try word(1)))
    case .longBinaryPut: try remember(as: Int(try word(4)))
    case .memoize: try rememberNext()
    case .get: try recall(try index(try line()))
    case .binaryGet: try recall(Int(try word(1)))
    case .longBinaryGet: try recall(Int(try word(4)))
    case .persistent:
      try push(.text(String(decoding: try line(), as: UTF8.self)))
      try push(.persistent(try pop()))
    case .binaryPersistent: try push(.persistent(try pop()))
    case .global:
      let module = String(decoding: try line(), as: UTF8.self)
      try pushGlobal(module, String(decoding: try line(), as: UTF8.self))
    case .stackGlobal:
      let name = try pop()
      let module = try pop()
      guard case .text(let name) = object(name), case .text(let module) = object(module) else {
        throw failure("expected the texts of a module and a name")
      }
      try pushGlobal(module, name)
    case .reduce, .newObject:
      let arguments = try pop()
      try call(try pop(), arguments)
    case .newObjectWithKeywords:
      let keywords = try pop()
      guard case .dictionary(let entries) = object(keywords), entries.isEmpty else {
        throw failure("calls with keywords are not allowed")
      }
      let arguments = try pop()
      try call(try pop(), arguments)
    case .build:
      let state = try pop()
      try build(state, try top())
    case .instance, .object: throw failure("instances of Python 2's classes are not allowed")
    case .extension1, .extension2, .extension4:
      throw failure("names from the extension registry are not allowed")
    case .nextBuffer, .readOnlyBuffer:
      throw failure("buffers outside the file are not supported")
    }
  }

  private mutating func pushTuple(_ count: Int) throws(PickleError) {
    var elements: [PickleValue] = []
    for _ in 0..<count { elements.append(try pop()) }
    try push(.tuple(elements.reversed()))
  }

  private mutating func pushText(_ count: Int) throws(PickleError) {
    // Python writes lone surrogates as they are; they become replacement characters.
    try push(.text(String(decoding: try slice(count), as: UTF8.self)))
  }

  private mutating func pushLong(_ digits: ArraySlice<UInt8>) throws(PickleError) {
    guard digits.count <= 16 else { throw failure("an integer of \(digits.count) bytes") }
    var value: Int128 = (digits.last ?? 0) >= 0x80 ? -1 : 0
    for digit in digits.reversed() { value = value << 8 | Int128(digit) }
    if let small = Int64(exactly: value) {
      push(.integer(small))
    } else {
      try push(.large(value))
    }
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws(PickleError) {
    let global = PickleGlobal(module, name)
    guard allowed?.contains(global) ?? true else {
      throw PickleError(
        file: file, offset: start - bytes.startIndex,
        "asks for \(global), which is not among the few names that data need; nothing was run",
        refused: global)
    }
    try push(.global(global))
  }

  /// Notes a call, or builds the container that it would return.
  private mutating func call(
    _ function: PickleValue, _ arguments: PickleValue
  ) throws(PickleError) {
    guard let function = self.function(function) else {
      throw failure("expected a function or class to call")
    }
    guard case .tuple(let arguments) = object(arguments) else {
      throw failure("expected a tuple of arguments")
    }
    if let container = try container(function, arguments) {
      try push(container)
    } else {
      try push(.call(PickleObject.Call(function: function, arguments: arguments)))
    }
  }

  /// What a value that is called is.
  private func function(_ value: PickleValue) -> PickleGlobal? {
    switch object(value) {
    case .global(let global): return global
    // PyTorch's older format keeps the classes of models apart, each with its source.
    case .persistent(let identification) where allowed == nil:
      guard case .tuple(let parts) = object(identification), parts.count > 1,
        case .global(let global) = object(parts[1])
      else { return nil }
      return global
    default: return nil
    }
  }
}
