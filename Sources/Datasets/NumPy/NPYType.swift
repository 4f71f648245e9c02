/// The type of the elements of a NumPy array: a kind, a width and an order of bytes.
public struct NPYType: Hashable, Sendable {
  /// What the bits of an element mean.
  public enum Kind: Character, Hashable, Sendable {
    /// True or false, a byte each.
    case bool = "b"
    /// Integers in two's complement.
    case integer = "i"
    /// Natural numbers.
    case natural = "u"
    /// IEEE floating-point numbers.
    case float = "f"
  }

  /// What the bits mean.
  public let kind: Kind

  /// Bytes per element: 1, 2, 4 or 8.
  public let width: Int

  /// Whether the most significant byte comes first.
  public let isBigEndian: Bool

  /// `<f4`, the type that tensors have.
  public static let float32 = NPYType(.float, width: 4)
  /// `<i8`, the type that labels have.
  public static let int64 = NPYType(.integer, width: 8)
  /// `|u1`, the type that pixels have.
  public static let uint8 = NPYType(.natural, width: 1)

  /// Creates a type that NumPy has.
  ///
  /// - Precondition: The width is one that the kind has.
  init(_ kind: Kind, width: Int, isBigEndian: Bool = false) {
    precondition(NPYType.widths(of: kind).contains(width), "no NumPy type \(kind)\(width)")
    self.kind = kind
    self.width = width
    self.isBigEndian = isBigEndian && width > 1
  }

  /// Reads the text of a header, such as `<f4`; `nil` for what is not a plain number.
  public init?(_ text: String) {
    let characters = Array(text)
    guard characters.count == 3, "<>|=".contains(characters[0]),
      let width = characters[2].wholeNumberValue
    else { return nil }
    let kind: Kind
    if characters[1] == "?" || characters[1] == "b" {
      kind = characters[1] == "?" || width == 1 ? .bool : .integer
    } else if let other = Kind(rawValue: characters[1]) {
      kind = other
    } else {
      return nil
    }
    guard NPYType.widths(of: kind).contains(width) else { return nil }
    // '=' is the order of the machine that wrote the file, and '|' says that there is none.
    guard width == 1 || characters[0] == "<" || characters[0] == ">" else { return nil }
    self.init(kind, width: width, isBigEndian: characters[0] == ">")
  }

  private static func widths(of kind: Kind) -> [Int] {
    switch kind {
    case .bool: [1]
    case .integer, .natural: [1, 2, 4, 8]
    case .float: [2, 4, 8]
    }
  }
}

extension NPYType: CustomStringConvertible {
  /// The text of a header, such as `<f4`.
  public var description: String {
    "\(width == 1 ? "|" : (isBigEndian ? ">" : "<"))\(kind.rawValue)\(width)"
  }
}
