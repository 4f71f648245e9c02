import JSON
import Tensors

extension SafeTensorsFile {
  /// The bytes of the file: the same for the same contents, everywhere.
  ///
  /// Integers are written first, as I64, then floating-point tensors as F32, both in order of name, so
  /// that every number is aligned to its size.
  ///
  /// - Precondition: no name is used twice or is `__metadata__`.
  public func encoded() -> [UInt8] {
    let integers = integers.sorted { Self.precedes($0.key, $1.key) }
    let tensors = tensors.sorted { Self.precedes($0.key, $1.key) }
    var header = JSONObject()
    if !metadata.isEmpty {
      var texts = JSONObject()
      for key in metadata.keys.sorted(by: Self.precedes) {
        texts[key] = JSONValue(metadata[key, default: ""])
      }
      header["__metadata__"] = .object(texts)
    }
    var end = 0
    func add(_ name: String, _ type: ScalarType, _ shape: Shape, count: Int) {
      precondition(header[name] == nil, "the name \(name) is used twice")
      precondition(name != "__metadata__", "a tensor cannot be named __metadata__")
      header[name] = [
        "dtype": JSONValue(type.safeTensorsName),
        "shape": .array(shape.extents.map { JSONValue($0) }),
        "data_offsets": [JSONValue(end), JSONValue(end + type.size * count)],
      ]
      end += type.size * count
    }
    for (name, array) in integers { add(name, .int64, array.shape, count: array.values.count) }
    for (name, tensor) in tensors { add(name, .float32, tensor.shape, count: tensor.count) }
    var start = JSONValue.object(header).bytes()
    start += [UInt8](repeating: 0x20, count: (8 - start.count % 8) % 8)
    start.insert(
      contentsOf: withUnsafeBytes(of: UInt64(start.count).littleEndian, Array.init), at: 0)
    // In one piece, for states of a training may take gigabytes and little time to be written in.
    return Array(unsafeUninitializedCapacity: start.count + end) { bytes, count in
      _ = bytes.initialize(fromContentsOf: start)
      let room = UnsafeMutableRawBufferPointer(bytes)
      count = start.count
      func append(_ words: some Collection<some FixedWidthInteger>) {
        for word in words {
          room.storeBytes(of: word.littleEndian, toByteOffset: count, as: type(of: word))
          count += MemoryLayout.size(ofValue: word)
        }
      }
      for (_, array) in integers { append(array.values) }
      for (_, tensor) in tensors {
        tensor.withUnsafeScalars { append($0.lazy.map(\.bitPattern)) }
      }
    }
  }
}
