/// A `.npy` file of raw elements of any type, such as `<u2`.
package func numPyFile(_ type: String, _ shape: [Int], _ raw: [UInt8]) -> [UInt8] {
  let extents = shape.map { "\($0)," }.joined()
  let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
  return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
    + raw
}

/// The same of whole numbers, in the width and the order of the type.
package func numPyFile(_ type: String, _ shape: [Int], integers: [Int]) -> [UInt8] {
  let width = Int(String(type.suffix(1))) ?? 1
  let raw = integers.flatMap { value -> [UInt8] in
    let little = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return type.hasPrefix(">") ? little.reversed() : little
  }
  return numPyFile(type, shape, raw)
}
