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
