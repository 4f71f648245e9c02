/// The members of a JSON object, in the order in which they were added.
///
/// Names are equal when Swift's strings are, that is under canonical equivalence of Unicode.
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
