/// The diverging colours of signed maps: ColorBrewer's seven-class red-blue scheme, zero in the
/// middle.
enum DivergingScale {
  private static let stops: [SIMD3<Float>] = [
    [33, 102, 172], [103, 169, 207], [209, 229, 240], [247, 247, 247],
    [253, 219, 199], [239, 138, 98], [178, 24, 43],
  ]

  /// - Parameter position: From -1 (blue) to 1 (red), clamped; NaN counts as 0.
  /// - Returns: Red, green and blue.
  static func color(at position: Float) -> [UInt8] {
    let clamped = position.isNaN ? 0 : min(max(position, -1), 1)
    let place = (clamped + 1) / 2 * Float(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let part = place - Float(index)
    let color = stops[index] * (1 - part) + stops[index + 1] * part
    return (0..<3).map { UInt8(color[$0].rounded()) }
  }
}
