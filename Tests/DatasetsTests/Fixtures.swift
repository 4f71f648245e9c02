/// The bytes of an IDX file of unsigned bytes.
func idxBytes(_ extents: [UInt32], _ values: [UInt8]) -> [UInt8] {
  [0, 0, 8, UInt8(extents.count)] + extents.flatMap { bigEndian($0) } + values
}

private func bigEndian(_ value: UInt32) -> [UInt8] {
  stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
}
