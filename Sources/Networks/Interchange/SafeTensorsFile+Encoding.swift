import Tensors

extension SafeTensorsFile {
  /// The bytes of the file: the same for the same contents, everywhere.
  ///
  /// Integers are written first, as I64, then floating-point tensors as F32, both in order of name, so
  /// that every number is aligned to its size.
  ///
  /// - Precondition: no name is used twice or is `__metadata__`.
  public func encoded() -> [UInt8] {
    var header = Array("{".utf8)
    func separate() { if header.count > 1 { header.append(UInt8(ascii: ",")) } }
    if !metadata.isEmpty {
      header += Array("\"__metadata__\":{".utf8)
      for (index, key) in metadata.keys.sorted(by: Self.precedes).enumerated() {
        if index > 0 { header.append(UInt8(ascii: ",")) }
        JSONHeader.append(key, to: &header)
        header.append(UInt8(ascii: ":"))
        JSONHeader.append(metadata[key, default: ""], to: &header)
      }
      header.append(UInt8(ascii: "}"))
    }
    var data: [UInt8] = []
    data.reserveCapacity(dataSize)
    func add(_ name: String, _ type: ScalarType, _ shape: Shape, write: () -> Void) {
      precondition(name != "__metadata__", "a tensor cannot be named __metadata__")
      let start = data.count
      write()
      separate()
      JSONHeader.append(name, to: &header)
      let extents = shape.extents.map(String.init).joined(separator: ",")
      header += Array(
        """
        :{"dtype":"\(type.safeTensorsName)","shape":[\(extents)],"data_offsets":[\(start),\(data.count)]}
        """.utf8)
    }
    for (name, array) in integers.sorted(by: { Self.precedes($0.key, $1.key) }) {
      precondition(tensors[name] == nil, "the name \(name) is used twice")
      add(name, .int64, array.shape) {
        for value in array.values { Self.append(UInt64(bitPattern: value), to: &data) }
      }
    }
    for (name, tensor) in tensors.sorted(by: { Self.precedes($0.key, $1.key) }) {
      add(name, .float32, tensor.shape) {
        for value in tensor.scalars { Self.append(value.bitPattern, to: &data) }
      }
    }
    header.append(UInt8(ascii: "}"))
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + data.count)
    Self.append(UInt64(header.count), to: &bytes)
    return bytes + header + data
  }

  private var dataSize: Int {
    integers.values.reduce(0) { $0 + 8 * $1.values.count }
      + tensors.values.reduce(0) { $0 + 4 * $1.count }
  }

  private static func append(_ word: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
