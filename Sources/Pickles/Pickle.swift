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
