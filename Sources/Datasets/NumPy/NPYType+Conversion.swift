extension NPYType {
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
