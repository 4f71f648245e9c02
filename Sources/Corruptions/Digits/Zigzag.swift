import Platform
import Tensors

/// A zigzag from left to right.
enum Zigzag: Corruption {
  static let name = "zigzag"

  static let strengths: [CorruptionSuite: [Void]] = [.mnistC: [()]]

  /// Half of the way from one tooth to the next, and how far teeth reach.
  private static let tooth = 2.0

  static func apply(to picture: inout Picture, _ strength: Void, drawing generator: inout Philox) {
    let (first, last) = (2.0, 25.0)
    let start = Double(generator.integer(below: 27))
    let rise = Double(generator.integer(below: 10) - 5)
    let angle = atan(rise / (last - first))
    let length = (last - first) / cos(angle)
    var line = SoftLine(on: picture)
    let corners = corners(length).map { corner in
      SIMD2(
        cos(angle) * corner.x - sin(angle) * corner.y + first,
        sin(angle) * corner.x + cos(angle) * corner.y + start)
    }
    for (corner, next) in zip(corners, corners.dropFirst()) { line.add(from: corner, to: next) }
    line.draw(on: &picture)
  }

  /// The corners along a level way of some length.
  private static func corners(_ length: Double) -> [SIMD2<Double>] {
    var corners = [SIMD2(0.0, 0.0)]
    for index in 0...Int(((length - tooth) / (2 * tooth)).rounded(.down)) {
      corners.append(
        SIMD2(Double(2 * index + 1) * tooth, index.isMultiple(of: 2) ? tooth : -tooth))
    }
    let whole = 2 * tooth * (length / (2 * tooth)).rounded(.down)
    if length != whole, let height = corners.last?.y {
      // The reference ends so, however high that is.
      corners.append(SIMD2(length, height / (2 * (length - whole))))
    }
    return corners
  }
}
