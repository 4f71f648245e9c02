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
