extension Shape: Codable {
  /// Reads the extents.
  ///
  /// - Throws: What the decoder throws; `DecodingError` unless they are extents of a shape.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let extents = try container.decode([Int].self)
    var count = 1
    for extent in extents {
      let (product, overflows) = count.multipliedReportingOverflow(by: max(extent, 1))
      guard extent >= 0, !overflows else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "\(extents) are not the extents of a shape")
      }
      count = product
    }
    self.init(extents)
  }

  /// Writes the extents.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(extents)
  }
}

extension Tensor: Codable {
  private enum CodingKeys: String, CodingKey { case shape, values }

  /// Reads a shape and its values.
  ///
  /// - Throws: What the decoder throws; `DecodingError` unless there are as many values as the shape has.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shape = try container.decode(Shape.self, forKey: .shape)
    let values =
      try (try? container.decode([Scalar].self, forKey: .values))
      ?? container.decode([CodedNumber<Scalar>].self, forKey: .values).map(\.value)
    guard values.count == shape.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: container,
        debugDescription: "\(values.count) values do not fill the shape \(shape)")
    }
    self.init(values, shape: shape)
  }

  /// Writes the shape and the values in row-major order; see `CodedNumber` for those that are not finite.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    if scalars.allSatisfy(\.isFinite) {
      try container.encode(scalars, forKey: .values)
    } else {
      try container.encode(scalars.map { CodedNumber($0) }, forKey: .values)
    }
  }
}

/// A number that is written so that it can be read again whatever it is: NaN and infinities, for which JSON has no numbers,
/// are the words `nan`, `inf` and `-inf`.
package struct CodedNumber<Value: TensorScalar>: Codable {
  /// The number.
  package let value: Value

  /// A number to be written.
  package init(_ value: Value) { self.value = value }

  /// Reads a number or one of the words.
  ///
  /// - Throws: What the decoder throws; `DecodingError` for another word.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let word = try? container.decode(String.self) else {
      value = try container.decode(Value.self)
      return
    }
    switch word {
    case "nan": value = .nan
    case "inf": value = .infinity
    case "-inf": value = -.infinity
    default:
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected a number, nan, inf or -inf, found '\(word)'")
    }
  }

  /// Writes the number or a word.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value.isFinite {
      try container.encode(value)
    } else {
      try container.encode(value.isNaN ? "nan" : value > 0 ? "inf" : "-inf")
    }
  }
}

extension KeyedEncodingContainer {
  /// Writes a number, finite or not.
  package mutating func encode(number: Double, forKey key: Key) throws {
    try encode(CodedNumber(number), forKey: key)
  }

  /// Writes a number, finite or not, if there is one.
  package mutating func encode(numberIfPresent number: Double?, forKey key: Key) throws {
    try encodeIfPresent(number.map { CodedNumber($0) }, forKey: key)
  }
}

extension KeyedDecodingContainer {
  /// Reads what `encode(number:forKey:)` writes.
  package func number(forKey key: Key) throws -> Double {
    try decode(CodedNumber<Double>.self, forKey: key).value
  }

  /// Reads what `encode(numberIfPresent:forKey:)` writes.
  package func numberIfPresent(forKey key: Key) throws -> Double? {
    try decodeIfPresent(CodedNumber<Double>.self, forKey: key)?.value
  }
}
