import JSON
import Tensors

/// The header of a safetensors file, checked against the file's size: every entry can be read.
struct SafeTensorsHeader {
  /// Type, shape and place of one tensor.
  struct Entry {
    let name: String
    let type: ScalarType
    let shape: Shape
    /// The tensor's bytes, counted from the beginning of the file.
    let range: Range<Int>
  }

  /// The tensors in order of their place in the file.
  private(set) var entries: [Entry] = []

  /// The strings under `__metadata__`.
  private(set) var metadata: [String: String] = [:]

  private let file: String
  private let dataStart: Int
  private let dataCount: Int

  /// Reads and checks the header of a file's bytes.
  init(bytes: [UInt8], file: String) throws(SafeTensorsError) {
    self.file = file
    func failure(_ place: String, _ expectation: String) -> SafeTensorsError {
      SafeTensorsError(file: file, place: place, expectation: expectation)
    }
    guard bytes.count >= 8 else {
      throw failure("byte 0", "expected 8 bytes of header length, found \(bytes.count)")
    }
    let length = bytes[..<8].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else {
      throw failure(
        "byte 0", "expected a header of at most \(bytes.count - 8) bytes, found \(length)")
    }
    dataStart = 8 + Int(length)
    dataCount = bytes.count - dataStart
    let json: JSONValue
    do {
      json = try JSONValue(parsing: Array(bytes[8..<dataStart]), depthLimit: 8)
    } catch {
      throw failure("byte \(8 + error.offset)", error.reason.description)
    }
    guard let members = json.objectValue else { throw failure("byte 8", "expected an object") }
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try strings(value)
      } else {
        entries.append(try entry(name, value))
      }
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    try checkContiguity()
  }

  /// Types of the format that are not read.
  private static let otherTypes: Set<String> = [
    "F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ",
    "U16", "U32", "U64", "C64",
  ]

  private func failure(_ name: String, _ expectation: String) -> SafeTensorsError {
    SafeTensorsError(file: file, place: "tensor \"\(name)\"", expectation: expectation)
  }

  private func strings(_ value: JSONValue) throws(SafeTensorsError) -> [String: String] {
    var strings: [String: String] = [:]
    guard let members = value.objectValue else {
      throw SafeTensorsError(
        file: file, place: "__metadata__", expectation: "expected an object of strings")
    }
    for member in members {
      guard let string = member.value.stringValue else {
        throw SafeTensorsError(
          file: file, place: "__metadata__ \"\(member.key)\"", expectation: "expected a string")
      }
      strings[member.key] = string
    }
    return strings
  }

  private func entry(_ name: String, _ value: JSONValue) throws(SafeTensorsError) -> Entry {
    guard let fields = value.objectValue else { throw failure(name, "expected an object") }
    var type: ScalarType?
    var extents: [Int]?
    var offsets: [Int]?
    for field in fields {
      switch field.key {
      case "dtype":
        type = field.value.stringValue.flatMap(ScalarType.init(safeTensors:))
        guard type != nil else {
          if let type = field.value.stringValue, Self.otherTypes.contains(type) {
            throw SafeTensorsError(
              file: file, place: "tensor \"\(name)\"",
              expectation: "is of type \(type); save it as floats, by tensor.float()",
              isUnsupported: true)
          }
          let known = ScalarType.allCases.map(\.safeTensorsName).joined(separator: ", ")
          let found = field.value.stringValue.map { ", found \"\($0)\"" } ?? ""
          throw failure(name, "expected one of the types \(known)\(found)")
        }
      case "shape": extents = Self.naturals(field.value)
      case "data_offsets": offsets = Self.naturals(field.value)
      default: throw failure(name, "expected no field \"\(field.key)\"")
      }
    }
    guard let type else { throw failure(name, "expected a dtype") }
    guard let extents else { throw failure(name, "expected a shape of natural numbers") }
    guard let offsets, offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= dataCount else {
      throw failure(name, "expected data_offsets of a begin and an end within \(dataCount) bytes")
    }
    guard let size = Self.size(of: extents, scalarSize: type.size) else {
      throw failure(name, "expected a shape whose size fits an integer")
    }
    guard size == offsets[1] - offsets[0] else {
      throw failure(
        name,
        "expected \(size) bytes of \(type.safeTensorsName) for the shape \(Shape(extents)), "
          + "found \(offsets[1] - offsets[0])")
    }
    return Entry(
      name: name, type: type, shape: Shape(extents),
      range: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  /// The numbers of a list of natural numbers; `nil` for anything else.
  private static func naturals(_ value: JSONValue) -> [Int]? {
    guard let elements = value.arrayValue else { return nil }
    let numbers = elements.compactMap(\.intValue).filter { $0 >= 0 }
    return numbers.count == elements.count ? numbers : nil
  }

  /// The bytes that a tensor takes, or `nil` if they, or those of its non-empty axes, overflow.
  private static func size(of extents: [Int], scalarSize: Int) -> Int? {
    var size = scalarSize
    for extent in extents {
      let (product, overflow) = size.multipliedReportingOverflow(by: max(extent, 1))
      if overflow { return nil }
      size = product
    }
    return extents.contains(0) ? 0 : size
  }

  private func checkContiguity() throws(SafeTensorsError) {
    var end = dataStart
    for entry in entries {
      guard entry.range.lowerBound == end else {
        throw failure(
          entry.name,
          "expected data from offset \(end - dataStart), where the tensor before ends, "
            + "found \(entry.range.lowerBound - dataStart)")
      }
      end = entry.range.upperBound
    }
    guard end == dataStart + dataCount else {
      throw SafeTensorsError(
        file: file, place: "byte \(end)",
        expectation: "expected the end of the file, found \(dataStart + dataCount - end) more bytes"
      )
    }
  }
}
