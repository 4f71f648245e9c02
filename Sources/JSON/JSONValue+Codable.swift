extension JSONValue: Codable {
  /// Any name of a member.
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
  }

  /// Reads a tree from any decoder; of a decoder that keeps no order the members come in that of their names.
  ///
  /// - Throws: What the decoder throws; `DecodingError` for what no JSON has.
  public init(from decoder: any Decoder) throws {
    if let members = try? decoder.container(keyedBy: Name.self) {
      var object = JSONObject()
      for name in members.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
        object[name.stringValue] = try members.decode(JSONValue.self, forKey: name)
      }
      self = .object(object)
      return
    }
    if var elements = try? decoder.unkeyedContainer() {
      var values: [JSONValue] = []
      while !elements.isAtEnd { values.append(try elements.decode(JSONValue.self)) }
      self = .array(values)
      return
    }
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let flag = try? value.decode(Bool.self) {
      self = .bool(flag)
    } else if let text = try? value.decode(String.self) {
      self = .string(text)
    } else if let whole = try? value.decode(Int64.self) {
      self = .integer(Int128(whole))
    } else if let whole = try? value.decode(UInt64.self) {
      self = .integer(Int128(whole))
    } else {
      self = .number(try value.decode(Double.self))
    }
  }

  /// Writes the tree to any encoder; NaN and infinities become null.
  ///
  /// - Throws: What the encoder throws; `EncodingError` for an integer beyond 64 bits.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let object):
      var members = encoder.container(keyedBy: Name.self)
      for (name, value) in object { try members.encode(value, forKey: Name(stringValue: name)) }
    case .array(let elements):
      var list = encoder.unkeyedContainer()
      for element in elements { try list.encode(element) }
    case .null:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    case .bool(let value):
      var container = encoder.singleValueContainer()
      try container.encode(value)
    case .string(let value):
      var container = encoder.singleValueContainer()
      try container.encode(value)
    case .number(let value):
      var container = encoder.singleValueContainer()
      if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
    case .integer(let value):
      var container = encoder.singleValueContainer()
      if let small = Int64(exactly: value) {
        try container.encode(small)
      } else if let large = UInt64(exactly: value) {
        try container.encode(large)
      } else {
        throw EncodingError.invalidValue(
          value,
          EncodingError.Context(
            codingPath: encoder.codingPath, debugDescription: "\(value) does not fit in 64 bits"))
      }
    }
  }
}
