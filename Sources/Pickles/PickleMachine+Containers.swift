extension PickleMachine {
  /// The container that a call returns, or `nil` for another function.
  mutating func container(
    _ function: PickleGlobal, _ arguments: [PickleValue]
  ) throws(PickleError) -> PickleObject? {
    switch (function.module, function.name) {
    case ("collections", "OrderedDict"), ("builtins", "dict"), ("__builtin__", "dict"),
      ("collections", "Counter"):
      return .dictionary(try entries(arguments))
    case ("collections", "defaultdict"): return .dictionary([])
    case ("builtins", "set"), ("__builtin__", "set"), ("builtins", "frozenset"),
      ("__builtin__", "frozenset"):
      return .set(try elements(arguments))
    case ("builtins", "list"), ("__builtin__", "list"): return .list(try elements(arguments))
    case ("builtins", "tuple"), ("__builtin__", "tuple"): return .tuple(try elements(arguments))
    case ("_codecs", "encode"), ("builtins", "bytearray"), ("__builtin__", "bytearray"),
      ("builtins", "bytes"), ("__builtin__", "bytes"):
      return .bytes(try encoded(arguments)[...])
    default: return nil
    }
  }

  private mutating func elements(_ arguments: [PickleValue]) throws(PickleError) -> [PickleValue] {
    guard let argument = arguments.first else { return [] }
    switch object(argument) {
    case .list(let elements), .tuple(let elements), .set(let elements):
      try charge(elements.count)
      return elements
    default: throw failure("expected a list of elements")
    }
  }

  /// The entries of a dictionary made of a list of pairs or of another dictionary.
  private mutating func entries(
    _ arguments: [PickleValue]
  ) throws(PickleError) -> [PickleObject.Entry] {
    guard let argument = arguments.first else { return [] }
    switch object(argument) {
    case .dictionary(let entries):
      try charge(entries.count)
      return entries
    case .list(let pairs), .tuple(let pairs):
      try charge(pairs.count)
      var entries: [PickleObject.Entry] = []
      for pair in pairs {
        switch object(pair) {
        case .list(let both) where both.count == 2, .tuple(let both) where both.count == 2:
          entries.append((both[0], both[1]))
        default: throw failure("expected pairs of a key and a value")
        }
      }
      return entries
    default: throw failure("expected a list of pairs")
    }
  }

  /// Bytes from a text in which each character is one byte, as Python 3 writes them for Python 2.
  private mutating func encoded(_ arguments: [PickleValue]) throws(PickleError) -> [UInt8] {
    guard let argument = arguments.first else { return [] }
    switch object(argument) {
    case .text(let text):
      let isLatin =
        if arguments.count > 1, case .text(let encoding) = object(arguments[1]) {
          ["latin1", "latin-1"].contains(encoding)
        } else { false }
      guard isLatin else { throw failure("expected bytes as a text in the encoding latin1") }
      try charge(text.utf8.count)
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.utf8.count)
      for scalar in text.unicodeScalars {
        guard let byte = UInt8(exactly: scalar.value) else {
          throw failure("a character beyond the encoding latin1")
        }
        bytes.append(byte)
      }
      return bytes
    case .bytes(let bytes):
      try charge(bytes.count)
      return Array(bytes)
    default: throw failure("expected a text to encode")
    }
  }
}
