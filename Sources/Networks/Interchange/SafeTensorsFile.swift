import Archives
import Files
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
}
