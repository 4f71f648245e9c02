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
