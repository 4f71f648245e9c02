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
        throw failure("0x\(String(code, radix: 16)) is no instruction of protocols 0 to 5")
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
}
