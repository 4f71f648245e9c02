import Files

/// An object of a Python pickle, read without running anything of it.
///
/// A pickle is a program for a stack machine that calls any function it names. This reader knows the
/// instructions that build containers, and where a function is called it only notes that, and only for names on a
/// list; so nothing is ever executed. Objects live in one flat table and refer to one another by position, which
/// makes shared and cyclic structures harmless.
///
/// Protocols 0 to 5; https://github.com/python/cpython/blob/main/Lib/pickletools.py describes them.
///
///     let pickle = try Pickle(bytes[...], name: path, allowing: PickleGlobal.containers)
///     let entries = pickle.entries(of: pickle.root)
public struct Pickle: Sendable {
  /// The object that was pickled.
  public let root: PickleValue

  /// The offset behind the pickle; files may hold several, one after the other.
  public let end: Int

  /// The most bytes that a name in a file may have.
  public static let nameLimit = 4096

  private let objects: [PickleObject]

  /// All objects, whether or not the root leads to them.
  public var allObjects: [PickleObject] { objects }

  /// Reads one pickle.
  ///
  /// - Parameters:
  ///   - bytes: Where it begins; more may follow.
  ///   - name: What errors call the file.
  ///   - allowed: The names that may be imported, which is all that they may be; `nil` for all, which are noted like
  ///     others and not used.
  ///   - limits: How much may be built.
  /// - Throws: `PickleError` at the instruction that is malformed, not allowed or beyond the limits.
  public init(
    _ bytes: ArraySlice<UInt8>, name: String, allowing allowed: Set<PickleGlobal>?,
    limits: PickleLimits = PickleLimits()
  ) throws(PickleError) {
    var machine = PickleMachine(
      bytes, file: name, allowed: allowed, limits: limits)
    root = try machine.run()
    end = machine.position
    objects = machine.objects
  }

  /// The object that a value refers to, or `nil` for a plain one such as a number.
  public subscript(value: PickleValue) -> PickleObject? {
    if case .object(let index) = value { objects[index] } else { nil }
  }

  /// The text of a string; Python 2's strings of bytes are read as Latin-1 unless they are longer than a name may be,
  /// for what is referred to again and again would be read as often.
  public func text(of value: PickleValue) -> String? {
    switch self[value] {
    case .text(let text): text
    case .bytes(let bytes) where bytes.count <= Pickle.nameLimit:
      String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    default: nil
    }
  }

  /// The bytes of a string of bytes.
  public func bytes(of value: PickleValue) -> ArraySlice<UInt8>? {
    if case .bytes(let bytes) = self[value] { bytes } else { nil }
  }

  /// The elements of a list or a tuple.
  public func elements(of value: PickleValue) -> [PickleValue]? {
    switch self[value] {
    case .list(let elements), .tuple(let elements): elements
    default: nil
    }
  }

  /// The entries of a dictionary, in their order; of equal keys the last one holds.
  public func entries(of value: PickleValue) -> [PickleObject.Entry]? {
    if case .dictionary(let entries) = self[value] { entries } else { nil }
  }

  /// The value of a text key in a dictionary; linear in the number of entries.
  public func entry(_ key: String, of value: PickleValue) -> PickleValue? {
    entries(of: value)?.last { text(of: $0.key) == key }?.value
  }

  /// The function and the arguments of a call that was noted.
  public func call(of value: PickleValue) -> PickleObject.Call? {
    if case .call(let call) = self[value] { call } else { nil }
  }

  /// A global that stands for itself, such as a type.
  public func global(of value: PickleValue) -> PickleGlobal? {
    if case .global(let global) = self[value] { global } else { nil }
  }
}

/// A value of a pickle: plain, or a reference to an object.
public enum PickleValue: Hashable, Sendable {
  /// Python's `None`.
  case none
  /// `True` or `False`.
  case bool(Bool)
  /// An integer of up to 64 bits.
  case integer(Int64)
  /// A floating-point number.
  case real(Double)
  /// The position of an object; see `Pickle.subscript`.
  case object(Int)

  /// The integer as a natural number that fits `Int`.
  public var natural: Int? {
    if case .integer(let value) = self, value >= 0 { Int(exactly: value) } else { nil }
  }

  /// The integer.
  public var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }
}

/// An object of a pickle.
public enum PickleObject: Sendable {
  /// One entry of a dictionary.
  public typealias Entry = (key: PickleValue, value: PickleValue)

  /// A call that was noted and not made.
  public struct Call: Sendable {
    /// The function or class.
    public let function: PickleGlobal
    /// Its arguments.
    public let arguments: [PickleValue]
    /// What the result's attributes were to be set from.
    public internal(set) var state: PickleValue?
  }

  /// A string.
  case text(String)
  /// A string of bytes, a part of the file wherever possible.
  case bytes(ArraySlice<UInt8>)
  /// An integer of more than 64 bits.
  indirect case large(Int128)
  /// A tuple.
  case tuple([PickleValue])
  /// A list.
  case list([PickleValue])
  /// A set.
  case set([PickleValue])
  /// A dictionary.
  case dictionary([Entry])
  /// A function or class itself.
  case global(PickleGlobal)
  /// The result of a call.
  indirect case call(Call)
  /// An object that is kept elsewhere, by its identification.
  case persistent(PickleValue)
}

/// How much a pickle may build, whatever its size; honest files stay far below.
public struct PickleLimits: Hashable, Sendable {
  /// The number of instructions.
  public var instructions: Int
  /// The number of objects.
  public var objects: Int
  /// The number of objects that are remembered for later reference.
  public var memos: Int

  /// Creates limits; those given by default keep a pickle's tables below 200 MB.
  public init(instructions: Int = 2_000_000, objects: Int = 1_000_000, memos: Int = 1_000_000) {
    self.instructions = instructions
    self.objects = objects
    self.memos = memos
  }
}

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

/// What is wrong with a pickle, in one line.
public struct PickleError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as it was named to the reader.
  public let file: String

  /// The offset in bytes of the instruction that was refused.
  public let offset: Int

  /// What was found and what was expected.
  public let message: String

  /// The global that was asked for and is not among those allowed, if that is why.
  public let refused: PickleGlobal?

  /// Creates an error from its parts.
  public init(file: String, offset: Int, _ message: String, refused: PickleGlobal? = nil) {
    self.file = file
    self.offset = offset
    self.message = message
    self.refused = refused
  }

  /// The file, the place and what is wrong there.
  public var description: String {
    "\(file.terminalSafe): byte \(offset) of the pickle: \(String(message.terminalSafe.prefix(400)))"
  }
}
