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
