/// Builds files byte by byte, well-formed or not.
enum RawSafeTensors {
  /// A file of a header text and data, with a right length unless another one is given.
  static func bytes(_ header: String, data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data
  }

  /// A file of one tensor `t`.
  static func bytes(type: String, shape: [Int], data: [UInt8]) -> [UInt8] {
    let header = """
      {"t":{"dtype":"\(type)","shape":[\(shape.map(String.init).joined(separator: ","))],\
      "data_offsets":[0,\(data.count)]}}
      """
    return bytes(header, data: data)
  }
}
