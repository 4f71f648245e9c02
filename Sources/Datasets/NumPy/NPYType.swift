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

  /// Raw elements as `Float`.
  func convert(_ raw: UnsafeRawBufferPointer, to buffer: UnsafeMutableBufferPointer<Float>) {
    switch (kind, width) {
    case (.bool, _): each(raw, UInt8.self, buffer) { $0 == 0 ? 0 : 1 }
    case (.natural, 1): each(raw, UInt8.self, buffer) { Float($0) }
    case (.natural, 2): each(raw, UInt16.self, buffer) { Float($0) }
    case (.natural, 4): each(raw, UInt32.self, buffer) { Float($0) }
    case (.natural, _): each(raw, UInt64.self, buffer) { Float($0) }
    case (.integer, 1): each(raw, Int8.self, buffer) { Float($0) }
    case (.integer, 2): each(raw, Int16.self, buffer) { Float($0) }
    case (.integer, 4): each(raw, Int32.self, buffer) { Float($0) }
    case (.integer, _): each(raw, Int64.self, buffer) { Float($0) }
    case (.float, 2): each(raw, UInt16.self, buffer) { NPYType.half($0) }
    case (.float, 4): each(raw, UInt32.self, buffer) { Float(bitPattern: $0) }
    case (.float, _): each(raw, UInt64.self, buffer) { Float(Double(bitPattern: $0)) }
    }
  }

  /// Raw elements as integers; `nil` if one is too large, or the elements are not integers.
  func integers(_ raw: [UInt8]) -> [Int]? {
    switch (kind, width) {
    case (.bool, _): raw.map { $0 == 0 ? 0 : 1 }
    case (.natural, 1): raw.map { Int($0) }
    case (.natural, 2): integers(raw, UInt16.self)
    case (.natural, 4): integers(raw, UInt32.self)
    case (.natural, _): integers(raw, UInt64.self)
    case (.integer, 1): integers(raw, Int8.self)
    case (.integer, 2): integers(raw, Int16.self)
    case (.integer, 4): integers(raw, Int32.self)
    case (.integer, _): integers(raw, Int64.self)
    case (.float, _): nil
    }
  }

  private func integers<Word: FixedWidthInteger>(_ raw: [UInt8], _ type: Word.Type) -> [Int]? {
    raw.withUnsafeBytes { raw in
      var values: [Int] = []
      values.reserveCapacity(raw.count / width)
      for place in stride(from: 0, to: raw.count, by: width) {
        guard let value = Int(exactly: word(raw, place, type)) else { return nil }
        values.append(value)
      }
      return values
    }
  }

  @inline(__always)
  private func each<Word: FixedWidthInteger>(
    _ raw: UnsafeRawBufferPointer, _ type: Word.Type,
    _ buffer: UnsafeMutableBufferPointer<Float>, _ value: (Word) -> Float
  ) {
    for index in 0..<buffer.count { buffer[index] = value(word(raw, index * width, type)) }
  }

  @inline(__always)
  private func word<Word: FixedWidthInteger>(
    _ raw: UnsafeRawBufferPointer, _ place: Int, _ type: Word.Type
  ) -> Word {
    let word = raw.loadUnaligned(fromByteOffset: place, as: Word.self)
    return isBigEndian ? Word(bigEndian: word) : Word(littleEndian: word)
  }

  /// A 16-bit floating-point number; `Float16` is not there on every platform.
  private static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
    }
  }
}

extension NPYType: CustomStringConvertible {
  /// The text of a header, such as `<f4`.
  public var description: String {
    "\(width == 1 ? "|" : (isBigEndian ? ">" : "<"))\(kind.rawValue)\(width)"
  }
}
