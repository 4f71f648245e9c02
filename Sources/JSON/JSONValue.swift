/// A JSON document as a tree that keeps the order of keys and the exact value of integers.
///
///     let header: JSONValue = ["verb": "attack", "seed": 7, "accuracy": 0.985]
///     print(header.text(.pretty))
public enum JSONValue: Sendable {
  /// The literal `null`.
  case null

  /// `true` or `false`.
  case bool(Bool)

  /// A number written without fraction and exponent; wide enough for every seed and every file
  /// offset.
  case integer(Int128)

  /// Any other number; NaN and infinities, which JSON does not have, are written as `null`.
  case number(Double)

  /// A text.
  case string(String)

  /// A list.
  case array([JSONValue])

  /// Named values in a fixed order.
  case object(JSONObject)

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

extension JSONValue {
  /// Creates an exact number from an integer of up to 128 bits signed; traps beyond.
  public init(_ value: some BinaryInteger) { self = .integer(Int128(value)) }

  /// Creates a number, or `null` for NaN and infinities, which JSON does not have.
  public init(_ value: Double) { self = value.isFinite ? .number(value) : .null }

  /// Creates a number from a Float by its shortest decimal, so that 0.1 is written as 0.1.
  public init(_ value: Float) { self.init(Double(value.description) ?? Double(value)) }

  /// Creates a text.
  public init(_ value: String) { self = .string(value) }

  /// Creates `true` or `false`.
  public init(_ value: Bool) { self = .bool(value) }

  /// Creates a value, or `null` where there is none.
  public init(_ value: JSONValue?) { self = value ?? .null }

  /// Creates an exact number, or `null` where there is none; traps beyond 128 bits signed.
  public init(_ value: (some BinaryInteger)?) { self.init(value.map { JSONValue($0) }) }

  /// Creates a number, or `null` where there is none.
  public init(_ value: Double?) { self.init(value.map { JSONValue($0) }) }

  /// Creates a number by its shortest decimal, or `null` where there is none.
  public init(_ value: Float?) { self.init(value.map { JSONValue($0) }) }

  /// Creates a text, or `null` where there is none.
  public init(_ value: String?) { self.init(value.map { JSONValue($0) }) }
}

extension JSONValue: Hashable {
  /// Whether two trees say the same: numbers by their value, however they are written, and objects by their members,
  /// whatever their order.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.integer(let whole), .number(let number)), (.number(let number), .integer(let whole)):
      Int128(exactly: number) == whole
    case (.string(let left), .string(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }

  /// Hashes what is said.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: break
    case .bool(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .number(let value):
      if let whole = Int128(exactly: value) { hasher.combine(whole) } else { hasher.combine(value) }
    case .string(let value): hasher.combine(value)
    case .array(let elements): hasher.combine(elements)
    case .object(let members): hasher.combine(members)
    }
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

/// The members of a JSON object, in the order in which they were added.
///
/// Names are equal when Swift's strings are, that is under canonical equivalence of Unicode. Objects are equal when their
/// members are, whatever the order.
/// - Complexity: Looking up and setting take constant time on average; removing is linear.
public struct JSONObject: Hashable, Sendable {
  /// One named value.
  public typealias Element = (key: String, value: JSONValue)

  /// The names in order.
  public private(set) var keys: [String] = []

  private var values: [String: JSONValue] = [:]

  /// Creates an object without members.
  public init() {}

  /// The value of a name; setting nil removes it, setting a known name keeps its place.
  public subscript(key: String) -> JSONValue? {
    get { values[key] }
    set {
      guard let newValue else {
        if values.removeValue(forKey: key) != nil { keys.removeAll { $0 == key } }
        return
      }
      if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
    }
  }

  /// Whether both have the same members.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.values == right.values
  }

  /// Hashes the members.
  public func hash(into hasher: inout Hasher) { hasher.combine(values) }

  /// Adds the members of another object; known names keep their place and get the new value.
  public mutating func merge(_ other: JSONObject) {
    for (key, value) in other { self[key] = value }
  }
}

extension JSONObject: RandomAccessCollection {
  /// The position of the first member.
  public var startIndex: Int { 0 }

  /// The position after the last member.
  public var endIndex: Int { keys.count }

  /// The member at a position.
  public subscript(position: Int) -> Element {
    let key = keys[position]
    // Every listed key has a value; `null` cannot appear here.
    return (key, values[key] ?? .null)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Creates an object from a literal; of two equal names the later one holds.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (key, value) in elements { self[key] = value }
  }
}
