import Archives
import Files
import JSON
public import Tensors

/// The contents of a safetensors file: named tensors and a map of strings.
///
/// The format is eight bytes of header length (little-endian), a JSON header that gives type, shape and
/// place of every tensor, and the tensors' bytes without gaps;
/// https://github.com/huggingface/safetensors describes it.
///
///     var file = SafeTensorsFile(name: "model")
///     file.tensors["0.weight"] = weight
///     let bytes = file.encoded()
public struct SafeTensorsFile: Sendable {
  /// What errors call the file.
  public let name: String

  /// The floating-point tensors by name; F64, F16 and BF16 are converted when read.
  public var tensors: [String: Tensor<Float>] = [:]

  /// The integer arrays by name: I64 to I8, U8 and BOOL.
  public var integers: [String: SafeTensorsIntegers] = [:]

  /// The strings of the header's `__metadata__`.
  public var metadata: [String: String] = [:]

  /// Creates a file without contents.
  public init(name: String) { self.name = name }

  /// Reads the bytes of a file, which may come from anywhere.
  ///
  /// - Throws: `SafeTensorsError` naming the file, the place and what was expected there.
  public init(bytes: [UInt8], name: String) throws(SafeTensorsError) {
    self.init(name: name)
    let header = try SafeTensorsHeader(bytes: bytes, file: name)
    metadata = header.metadata
    for entry in header.entries {
      guard MemoryRoom.has(8 * entry.shape.count) else {
        throw SafeTensorsError(
          file: name, place: "tensor \"\(entry.name)\"",
          expectation: "its \(entry.shape.count) numbers do not fit into memory")
      }
      let data = bytes[entry.range]
      if entry.type.isFloating {
        tensors[entry.name] = Tensor(entry.type.floats(in: data), shape: entry.shape)
      } else {
        integers[entry.name] = SafeTensorsIntegers(
          entry.type.integers(in: data), shape: entry.shape)
      }
    }
  }

  /// Reads the file at a path, gzipped or not.
  ///
  /// - Throws: `SafeTensorsError` if the file cannot be read or is malformed.
  public init(path: String) throws(SafeTensorsError) {
    let file: FileContents
    do throws(ArchiveError) {
      file = try FileContents(inflating: path)
    } catch {
      let reason = error.message.trimmingPrefix("cannot be read: ")
      throw SafeTensorsError(
        file: path, place: "reading", expectation: "expected a readable file: \(reason)")
    }
    try self.init(bytes: file.bytes, name: path)
  }

  /// The names of the floating-point tensors in ascending order of their UTF-8 bytes.
  public var names: [String] { tensors.keys.sorted(by: Self.precedes) }

  /// The tensor of a name, which must be there and, if a shape is given, have that shape.
  ///
  /// - Throws: `SafeTensorsError` that names the tensor and what was expected of it.
  public func tensor(
    _ tensorName: String, shape: Shape? = nil
  ) throws(SafeTensorsError) -> Tensor<Float> {
    guard let tensor = tensors[tensorName] else {
      throw SafeTensorsError(
        file: name, place: "tensor \"\(tensorName)\"",
        expectation: "expected floating-point numbers under this name")
    }
    if let shape, shape != tensor.shape {
      throw SafeTensorsError(
        file: name, place: "tensor \"\(tensorName)\"",
        expectation: "expected the shape \(shape), found \(tensor.shape)")
    }
    return tensor
  }

  /// The order in which names are written: that of their UTF-8 bytes, as other writers have it.
  static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

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

  /// Where a file that Gibbon writes keeps the checksum of all else in it.
  static let checksumKey = "checksum"

  /// The checksum of metadata, names, shapes and values, in hexadecimal.
  func checksum() -> String {
    var sum = Checksum()
    for key in metadata.keys.sorted(by: Self.precedes) where key != Self.checksumKey {
      sum.add(key)
      sum.add(metadata[key, default: ""])
    }
    for (name, array) in integers.sorted(by: { Self.precedes($0.key, $1.key) }) {
      sum.add("\(name) \(array.shape)")
      array.values.withUnsafeBytes { sum.add($0) }
    }
    for (name, tensor) in tensors.sorted(by: { Self.precedes($0.key, $1.key) }) {
      sum.add("\(name) \(tensor.shape)")
      tensor.withUnsafeScalars { sum.add(UnsafeRawBufferPointer($0)) }
    }
    return String(hexadecimal: (0..<4).reversed().map { UInt8(sum.value >> (8 * $0) & 255) })
  }
}

/// An array of integers of a safetensors file: labels, counters, indices.
public struct SafeTensorsIntegers: Hashable, Sendable {
  /// The extents; their product is `values.count`.
  public let shape: Shape

  /// The values in row-major order.
  public let values: [Int64]

  /// Creates an array from its values in row-major order.
  ///
  /// - Precondition: `values.count == shape.count`.
  public init(_ values: [Int64], shape: Shape) {
    precondition(values.count == shape.count, "\(values.count) values do not fill \(shape)")
    self.shape = shape
    self.values = values
  }
}

/// What is wrong with a safetensors file, in one line.
public struct SafeTensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file, as it was named to the reader.
  public let file: String

  /// Where in the file: a tensor, or a byte of the header.
  public let place: String

  /// What was expected there, and what was found where that helps.
  public let expectation: String

  /// Whether the file is as the format has it, but holds what is not read.
  public private(set) var isUnsupported = false

  /// The three parts joined by colons.
  public var description: String { "\(file): \(place): \(expectation)" }

  /// Creates an error; control characters and excessive length are taken out of what files supply.
  public init(file: String, place: String, expectation: String, isUnsupported: Bool = false) {
    self.isUnsupported = isUnsupported
    self.file = SafeTensorsError.printable(file, limit: 4096)
    self.place = SafeTensorsError.printable(place, limit: 160)
    self.expectation = SafeTensorsError.printable(expectation, limit: 320)
  }

  /// The text on one line: control characters and line separators escaped, a long tail cut off.
  private static func printable(_ text: String, limit: Int) -> String {
    var result = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      guard index < limit else { return result + "..." }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
