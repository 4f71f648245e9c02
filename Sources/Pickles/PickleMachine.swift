/// The stack machine that a pickle is a program for, without calls.
struct PickleMachine {
  let file: String
  let allowed: Set<PickleGlobal>?
  let limits: PickleLimits
  let bytes: ArraySlice<UInt8>
  /// Where the next byte is.
  var position: Int
  /// Where the instruction under way began.
  private(set) var start: Int
  private(set) var objects: [PickleObject] = []
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// Bytes and elements that were copied by conversions, which a short pickle could ask for again and again.
  private var copied = 0

  init(
    _ bytes: ArraySlice<UInt8>, file: String, allowed: Set<PickleGlobal>?, limits: PickleLimits
  ) {
    self.bytes = bytes
    self.file = file
    self.allowed = allowed
    self.limits = limits
    position = bytes.startIndex
    start = position
  }

  /// Runs to the end of the pickle.
  mutating func run() throws(PickleError) -> PickleValue {
    var instructions = 0
    while true {
      start = position
      let code = try byte()
      instructions += 1
      guard instructions <= limits.instructions else {
        throw failure("more than \(limits.instructions) instructions")
      }
      if code == UInt8(ascii: ".") {
        guard stack.count == 1, marks.isEmpty else {
          throw failure("ends with \(stack.count) objects on its stack; expected one")
        }
        return stack[0]
      }
      guard let instruction = PickleInstruction(rawValue: code) else {
        throw failure("0x\(String(code, radix: 16)) is not an instruction of protocols 0 to 5")
      }
      try execute(instruction)
    }
  }

  func failure(_ message: String) -> PickleError {
    PickleError(file: file, offset: start - bytes.startIndex, message)
  }

  // MARK: The stack

  mutating func push(_ value: PickleValue) { stack.append(value) }

  mutating func push(_ object: PickleObject) throws(PickleError) {
    guard objects.count < limits.objects else {
      throw failure("more than \(limits.objects) objects")
    }
    objects.append(object)
    stack.append(.object(objects.count - 1))
  }

  mutating func pop() throws(PickleError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.popLast() else {
      throw failure("needs an object on the stack, found none")
    }
    return value
  }

  func top() throws(PickleError) -> PickleValue {
    guard stack.count > (marks.last ?? 0), let value = stack.last else {
      throw failure("needs an object on the stack, found none")
    }
    return value
  }

  mutating func mark() { marks.append(stack.count) }

  /// Takes all objects above the last mark, and the mark.
  mutating func popMark() throws(PickleError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw failure("needs a mark, found none") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  /// Drops the topmost object, or the mark if there is none above it.
  mutating func drop() throws(PickleError) {
    if let mark = marks.last, mark == stack.count {
      marks.removeLast()
    } else {
      _ = try pop()
    }
  }

  mutating func remember(as index: Int) throws(PickleError) {
    memo[index] = try top()
    guard memo.count <= limits.memos else { throw failure("more than \(limits.memos) memos") }
  }

  mutating func rememberNext() throws(PickleError) { try remember(as: memo.count) }

  mutating func recall(_ index: Int) throws(PickleError) {
    guard let value = memo[index] else { throw failure("memo \(index) was never set") }
    push(value)
  }

  // MARK: Objects

  func object(_ value: PickleValue) -> PickleObject? {
    if case .object(let index) = value { objects[index] } else { nil }
  }

  /// Adds elements to a list or set.
  mutating func append(_ elements: [PickleValue], to value: PickleValue) throws(PickleError) {
    guard case .object(let index) = value else { throw failure("expected a list to append to") }
    // Nothing else must hold the array while it grows, or each addition would copy all of it.
    if case .list(var list) = objects[index] {
      objects[index] = .tuple([])
      list.append(contentsOf: elements)
      objects[index] = .list(list)
    } else if case .set(var set) = objects[index] {
      objects[index] = .tuple([])
      set.append(contentsOf: elements)
      objects[index] = .set(set)
    } else {
      throw failure("expected a list or a set to add to")
    }
  }

  /// Adds keys and values, which alternate, to a dictionary.
  mutating func insert(_ items: [PickleValue], into value: PickleValue) throws(PickleError) {
    guard items.count % 2 == 0 else { throw failure("a key without a value") }
    guard case .object(let index) = value, case .dictionary(var entries) = objects[index] else {
      throw failure("expected a dictionary to set items of")
    }
    objects[index] = .tuple([])
    for place in stride(from: 0, to: items.count, by: 2) {
      entries.append((items[place], items[place + 1]))
    }
    objects[index] = .dictionary(entries)
  }

  /// Notes what the attributes of an object were to be set from.
  mutating func build(_ state: PickleValue, _ value: PickleValue) throws(PickleError) {
    guard case .object(let index) = value else { throw failure("expected an object to build") }
    switch objects[index] {
    case .call(var call):
      call.state = state
      objects[index] = .call(call)
    // Attributes of an OrderedDict, such as the versions in a state dict.
    case .dictionary: break
    default: throw failure("expected an object with attributes")
    }
  }

  /// Charges for a copy that the pickle's size does not bound.
  mutating func charge(_ count: Int) throws(PickleError) {
    copied += count
    guard copied <= 4 * bytes.count + 4096 else {
      throw failure("copies more than its own size allows")
    }
  }

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
        "asks for \(global), which data does not need; nothing was run",
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

/// The instructions of protocols 0 to 5, by Python's names.
enum PickleInstruction: UInt8 {
  case mark = 0x28  // (
  case pop = 0x30  // 0
  case popMark = 0x31  // 1
  case duplicate = 0x32  // 2
  case float = 0x46  // F
  case integer = 0x49  // I
  case binaryInteger = 0x4A  // J
  case binaryInteger1 = 0x4B  // K
  case long = 0x4C  // L
  case binaryInteger2 = 0x4D  // M
  case none = 0x4E  // N
  case persistent = 0x50  // P
  case binaryPersistent = 0x51  // Q
  case reduce = 0x52  // R
  case string = 0x53  // S
  case binaryString = 0x54  // T
  case shortBinaryString = 0x55  // U
  case unicode = 0x56  // V
  case binaryUnicode = 0x58  // X
  case append = 0x61  // a
  case build = 0x62  // b
  case global = 0x63  // c
  case dictionary = 0x64  // d
  case appends = 0x65  // e
  case get = 0x67  // g
  case binaryGet = 0x68  // h
  case instance = 0x69  // i
  case longBinaryGet = 0x6A  // j
  case list = 0x6C  // l
  case object = 0x6F  // o
  case put = 0x70  // p
  case binaryPut = 0x71  // q
  case longBinaryPut = 0x72  // r
  case setItem = 0x73  // s
  case tuple = 0x74  // t
  case setItems = 0x75  // u
  case emptyTuple = 0x29  // )
  case emptyList = 0x5D  // ]
  case emptyDictionary = 0x7D  // }
  case binaryFloat = 0x47  // G
  case binaryBytes = 0x42  // B
  case shortBinaryBytes = 0x43  // C
  case proto = 0x80
  case newObject = 0x81
  case extension1 = 0x82
  case extension2 = 0x83
  case extension4 = 0x84
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case newTrue = 0x88
  case newFalse = 0x89
  case long1 = 0x8A
  case long4 = 0x8B
  case shortBinaryUnicode = 0x8C
  case binaryUnicode8 = 0x8D
  case binaryBytes8 = 0x8E
  case emptySet = 0x8F
  case addItems = 0x90
  case frozenSet = 0x91
  case newObjectWithKeywords = 0x92
  case stackGlobal = 0x93
  case memoize = 0x94
  case frame = 0x95
  case byteArray8 = 0x96
  case nextBuffer = 0x97
  case readOnlyBuffer = 0x98
}
