/// Smooth noise between random values at the corners of unit squares.
struct LatticeNoise {
  private let seed: UInt32

  /// The noise of a seed.
  init(_ seed: UInt32) { self.seed = seed }

  /// The noise at a place, from 0 to 1.
  func value(_ x: Float, _ y: Float) -> Float {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (column, row) = (Int32(left), Int32(top))
    let (right, down) = (smooth(x - left), smooth(y - top))
    let (a, b) = (corner(column, row), corner(column &+ 1, row))
    let (c, d) = (corner(column, row &+ 1), corner(column &+ 1, row &+ 1))
    let (above, below) = (a + right * (b - a), c + right * (d - c))
    return above + down * (below - above)
  }

  private func smooth(_ part: Float) -> Float { part * part * (3 - 2 * part) }

  /// A multiplicative hash, good enough for pictures.
  private func corner(_ column: Int32, _ row: Int32) -> Float {
    var bits = UInt32(bitPattern: column) &* 0x9E37_79B1 ^ UInt32(bitPattern: row) &* 0x85EB_CA77
    bits = (bits ^ seed) &* 0xC2B2_AE3D
    bits = (bits ^ bits >> 15) &* 0x27D4_EB2F
    return Float((bits ^ bits >> 13) >> 8) * 0x1p-24
  }
}
