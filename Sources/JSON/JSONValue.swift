/// A JSON document as a tree that keeps the order of keys and the exact value of integers.
///
///     let header: JSONValue = ["verb": "attack", "seed": 7, "accuracy": 0.985]
///     print(header.text(.pretty))
public enum JSONValue: Hashable, Sendable {
  /// The literal `null`.
  case null

  /// `true` or `false`.
  case bool(Bool)

  /// A number written without fraction and exponent; wide enough for every seed and every file
  /// offset.
  case integer(Int128)

  /// Any other number; NaN and infinities are written as `null`.
  case number(Double)

  /// A text.
  case string(String)

  /// A list.
  case array([JSONValue])

  /// Named values in a fixed order.
  case object(JSONObject)
}

extension JSONValue {
  /// Creates an exact number from an integer of up to 128 bits signed; traps beyond.
  public init(_ value: some BinaryInteger) { self = .integer(Int128(value)) }

  /// Creates a number.
  public init(_ value: Double) { self = .number(value) }

  /// Creates a number from a Float by its shortest decimal, so that 0.1 is written as 0.1.
  public init(_ value: Float) {
    self = .number(Double(value.description) ?? Double(value))
  }

  /// Creates a text.
  public init(_ value: String) { self = .string(value) }

  /// Creates `true` or `false`.
  public init(_ value: Bool) { self = .bool(value) }

  /// Creates a value, or `null` where there is none.
  public init(_ value: JSONValue?) { self = value ?? .null }
}

extension JSONValue {
  /// The truth value, or nil for another kind.
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The integer, or nil for another kind and beyond the range of Int.
  public var intValue: Int? {
    if case .integer(let value) = self { Int(exactly: value) } else { nil }
  }

  /// The number, rounded to a Double if it is a large integer, or nil for another kind.
  public var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The text, or nil for another kind.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

  /// The list, or nil for another kind.
  public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  /// The named values, or nil for another kind.
  public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// The value of a name, or nil for another kind or an unknown name.
  public subscript(key: String) -> JSONValue? { objectValue?[key] }

  /// The element of a list, or nil for another kind or beyond its end.
  public subscript(index: Int) -> JSONValue? {
    guard let elements = arrayValue, elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Creates `null` from `nil`.
  public init(nilLiteral: ()) { self = .null }

  /// Creates a truth value from a literal.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// Creates an integer from a literal.
  public init(integerLiteral value: Int) { self = .integer(Int128(value)) }

  /// Creates a number from a literal.
  public init(floatLiteral value: Double) { self = .number(value) }

  /// Creates a text from a literal.
  public init(stringLiteral value: String) { self = .string(value) }

  /// Creates a list from a literal.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// Creates named values from a literal; of two equal names the later one holds.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (key, value) in elements { object[key] = value }
    self = .object(object)
  }
}
