import Files
/// A reason why bytes are not the JSON a strict reader accepts, with its place.
public struct JSONError: Error, Hashable, Sendable {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The text ends within a value.
    case unexpectedEnd
    /// A byte that cannot stand here.
    case unexpectedByte(UInt8)
    /// Something other than white space follows the value.
    case trailingContent
    /// Lists and objects are nested deeper than allowed.
    case tooDeep(limit: Int)
    /// An object names a member twice.
    case duplicateKey(String)
    /// A number that JSON does not allow, such as `01`, `1.` or `+1`.
    case malformedNumber
    /// A number beyond the range of Double.
    case numberOutOfRange
    /// An escape that JSON does not allow, or half of a surrogate pair.
    case malformedEscape
    /// A control character that must be escaped.
    case controlCharacter(UInt8)
    /// Bytes in a string that are not UTF-8.
    case invalidUTF8
  }

  /// Where, in bytes from the start.
  public let offset: Int

  /// What is wrong there.
  public let reason: Reason

  /// Creates an error at a place.
  public init(offset: Int, reason: Reason) {
    self.offset = offset
    self.reason = reason
  }
}

extension JSONError: CustomStringConvertible {
  /// One line: what is wrong and at which byte.
  public var description: String { "\(reason) at byte \(offset)" }
}

extension JSONError.Reason: CustomStringConvertible {
  /// What is wrong, in a few words.
  public var description: String {
    switch self {
    case .unexpectedEnd: "the JSON ends too early"
    case .unexpectedByte(let byte): "unexpected \(JSONError.name(of: byte)) in JSON"
    case .trailingContent: "content after the JSON value"
    case .tooDeep(let limit): "JSON nested deeper than \(limit) levels"
    case .duplicateKey(let key): "duplicate JSON key \"\(key.terminalSafe)\""
    case .malformedNumber: "malformed JSON number"
    case .numberOutOfRange: "JSON number out of range"
    case .malformedEscape: "malformed escape in a JSON string"
    case .controlCharacter(let byte): "unescaped \(JSONError.name(of: byte)) in a JSON string"
    case .invalidUTF8: "invalid UTF-8 in a JSON string"
    }
  }
}

extension JSONError {
  fileprivate static func name(of byte: UInt8) -> String {
    let isPrintable = (0x21..<0x7F).contains(byte)
    return isPrintable ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(String(byte, radix: 16))"
  }
}
